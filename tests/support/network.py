"""The network between a browser and the box, which can be lost (A2): a SOCKS 5 proxy (RFC 1928) that carries bytes, or none.

While it is down nothing is closed: what was sent lies there, as in a network whose cable was pulled, and goes on when it is back.
"""

import contextlib
import socket
import struct
import threading


class Network:
    def __init__(self) -> None:
        self._up = threading.Event()
        self._up.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.proxy = f"socks5://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Network":
        return self

    def __exit__(self, *wrong: object) -> None:
        self._up.set()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def lose(self) -> None:
        self._up.clear()

    def find(self) -> None:
        self._up.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            _exactly(client, _exactly(client, 2)[1])  # the methods it offers
            client.sendall(b"\x05\x00")  # no authentication
            _, _, _, kind = _exactly(client, 4)
            host = socket.inet_ntoa(_exactly(client, 4)) if kind == 1 else _exactly(client, _exactly(client, 1)[0]).decode()
            (port,) = struct.unpack("!H", _exactly(client, 2))
            self._up.wait()
            box = socket.create_connection((host, port))
            self._open.append(box)
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            threading.Thread(target=self._carry, args=(client, box), daemon=True).start()
            self._carry(box, client)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._up.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data
