"""A page with nothing on it but a browser seat; for the seat's own tests (A2)."""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import appliance.web

STATIC = Path(appliance.web.__file__).parent / "static"

PAGE = """<!doctype html><html lang="en"><title>seat</title><script type="module">
import { connectSeat } from "/static/seat.js";
window.states = []; window.stats = [];
window.seat = connectSeat({
  seat: "s1",
  ticket: async () => await (await fetch("/ticket", { method: "POST" })).json(),
  onState: (now) => states.push(now.state + (now.why ? ":" + now.why : "")),
  onStats: (now) => stats.push(now),
});
// What the agent hears, as floats at the device's rate
window.hear = async (seconds) => {
  const node = seat.output, count = Math.round(seconds * node.context.sampleRate);
  const ear = new AnalyserNode(node.context, { fftSize: 32768 });
  node.connect(ear);
  const heard = [], piece = new Float32Array(32768);
  let since = node.context.currentTime;
  await new Promise((done) => setTimeout(done, 1000 * seconds + 50));
  ear.getFloatTimeDomainData(piece);
  node.disconnect(ear);
  return { rate: node.context.sampleRate, samples: Array.from(piece.slice(-Math.min(count, 32768))) };
};
</script></html>"""


@contextlib.contextmanager
def serve_page(ticket: Callable[[], str]) -> Iterator[str]:
    """The page's address; `ticket()` gives the JSON of {ticket, url} and is called in a thread of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/static/")
            if self.path == "/":
                self._give(PAGE.encode(), "text/html")
            elif self.path.startswith("/static/seat") and "/" not in name and (STATIC / name).is_file():
                self._give((STATIC / name).read_bytes(), "text/javascript")
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            self._give(ticket().encode(), "application/json")

        def _give(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
