"""A1 A5: short messages through the simulated network: in, out, long, Chinese, with a killed box and a full card between."""

from pathlib import Path

from tests.support.box import ROOT, Box, a_box, command

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


def test_what_is_left_on_a_card_is_asked_of_the_network_and_an_alarm_says_when_it_is_little(tmp_path: Path) -> None:
    """A1: by USSD on one line, by a message to the carrier on another, over pseudo-terminals; known after a kill too."""
    config = tmp_path / "office.toml"
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    for line, balance in (("l1", '{ ussd = "*100#", at = "00:00" }'), ("l2", '{ sms_to = "10086", text = "YE", at = "00:00" }')):
        text = text.replace(f'id = "{line}"\n', f'id = "{line}"\nbalance = {balance}\nbalance_low = 10.0\n', 1)
    config.write_text(text)

    def left(box: Box) -> dict[str, float]:
        return {one["line"]: one["yuan"] for one in box.get("/lines/balances")}

    with a_box(tmp_path / "state", config=config) as box:
        box.until("both were asked at their time and read", lambda: left(box) == {"l1": 50.0, "l2": 50.0})
        assert not [alarm for alarm in box.get("/health")["alarms"] if "card" in alarm]
        box.put("/exchange/trunks/l1", {"balance": 3.2})
        box.post("/lines/l1/balance", expect=202)
        box.until("an administrator's question is answered", lambda: left(box)["l1"] == 3.2)
        box.until("an alarm", lambda: [alarm for alarm in box.get("/health")["alarms"] if "3.20 yuan are left" in alarm])
        box.post(f"/lines/{box.of_dialect('v253')[0]}/balance", expect=404)
        questions = [one for one in box.get("/messages?direction=out") if one["number"] == "10086"]
        assert [one["text"] for one in questions] == ["YE"]
        box.kill()
        again = Box(box.state, config=config)
        try:
            assert left(again) == {"l1": 3.2, "l2": 50.0}
            again.until("the alarm stands again", lambda: [alarm for alarm in again.get("/health")["alarms"] if "3.20 yuan" in alarm])
            assert len([one for one in again.get("/messages?direction=out") if one["number"] == "10086"]) == 1, "once a day"
        finally:
            again.stop()
        assert "Traceback" not in again.log()
