"""A1 A5: short messages through the simulated network: in, out, long, Chinese, with a killed box and a full card between."""

from pathlib import Path

from tests.support.box import Box, a_box, command

LONG = "尊敬的客户，您的报修单T20261126已派工，师傅将于今天18:00前上门。" * 3 + "😀"


def test_messages_come_and_go_and_none_is_lost_or_doubled_by_a_killed_box(tmp_path: Path) -> None:
    with a_box(tmp_path / "state") as box:
        number = box.line("l1")["number"]
        box.post("/exchange/messages", {"to": number, "from": "13800138000", "text": LONG})
        box.post("/exchange/messages", {"to": number, "from": "13800138000", "text": "hello"})
        box.until("both came", lambda: sorted(one["text"] for one in box.get("/messages?direction=in")) == sorted([LONG, "hello"]))
        box.post("/messages", {"to": "13900139000", "text": LONG})
        box.until("delivered", lambda: box.get("/messages?direction=out")[0]["state"] == "delivered")
        assert "".join(reversed([part["text"] for part in box.get("/exchange/messages?number=13900139000")])) == LONG
        analog = box.of_dialect("v253")[0]
        box.post("/exchange/messages", {"to": box.line(analog)["number"], "from": "1", "text": "x"}, expect=409)
        for one in range(55):  # more than the card holds
            box.post("/exchange/messages", {"to": number, "from": "13800138001", "text": f"n{one}"})
        box.kill()
        again = Box(box.state)
        try:
            again.until("all are here", lambda: len(again.get("/messages?direction=in")) >= 57)
            texts = [one["text"] for one in again.get("/messages?direction=in")]
            assert len(texts) == len(set(texts)) == 57, "each exactly once"
            assert command("verify", "--state", str(box.state)).returncode == 0
        finally:
            again.stop()
        assert "Traceback" not in again.log()
