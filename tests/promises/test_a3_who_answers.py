"""A3 A1: the box hears who is at the other end: a fax machine that calls, a machine that answers a call-back. Over real ports."""

from pathlib import Path

from tests.support.box import ROOT, a_box

QUEUE = '[[queue]]\nid = "service"\nname = "客户服务"\n'


def test_a_fax_rings_no_agent_for_long_and_an_answering_machine_is_told_to_the_agent_who_called_back(tmp_path: Path) -> None:
    text = (ROOT / "firmware_cfg" / "demo.toml").read_text()
    text = text.replace(QUEUE, QUEUE + 'call_back_key = "5"\n')
    text = text.replace('number = "02061000003"', 'number = "02061000003"\nfax = "hang_up"')
    text = text.replace('number = "02061000004"', 'number = "02061000004"\ndirection = "in"')  # a module dials sooner
    (tmp_path / "office.toml").write_text(text)
    with a_box(tmp_path / "state", config=tmp_path / "office.toml") as box:
        box.put(f"/exchange/phones/{box.seat('s3')['number']}", {"answers_after_s": 0.2, "keys": "1", "says": "silence"})
        box.put("/exchange/phones/13930000009", {"answers_after_s": 0.5, "says": "machine:zh"})
        box.dial(box.line("l3")["number"], caller="02088887777", says="fax:calling")
        box.dial(box.line("l1")["number"], caller="13930000009", keys="5")
        kept = box.until("his call-back is kept", lambda: box.get("/queues/service")["kept"])[0]
        box.until("the fax is heard", lambda: (got := box.call_from("02088887777")) and got["ended_at"])
        box.post("/seats/s3/login", {"agent": "li"})
        fax = box.call_from("02088887777")
        assert fax is not None and (fax["far_end"], fax["ended_by"], fax["offers"]) == ("fax_calls", "box", [])
        assert "Ended by the box (a fax machine)" in [each["text"] for each in fax["timeline"]]

        call = box.until("the machine is known", lambda: (got := box.get(f"/calls/{kept['call']}"))["far_end"] == "machine" and got)
        assert (call["state"], call["agent"], call["direction"]) == ("talking", "li", "out")
        call = box.until("its beep too", lambda: (got := box.get(f"/calls/{kept['call']}"))["timeline"][-1]["what"] == "beep" and got)
        assert [each["what"] for each in call["timeline"][-2:]] == ["machine", "beep"] and call["state"] == "talking"
