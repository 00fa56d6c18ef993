"""The command `seatbox` (E2 E3 E5): one verb, one package that does it. Exit codes: 0 done, 1 it found what it says, 2 usage.

Each verb imports what it needs itself: `seatbox check` on a laptop pulls in neither web nor database.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from appliance import __version__
from appliance.base.errors import SeatboxError

LISTEN: Final = "127.0.0.1:8080"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    verb: Callable[[argparse.Namespace], int] = asked.verb
    try:
        code = verb(asked)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        return 1
    except SeatboxError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    except ImportError as error:
        return _failed(f"{' '.join(str(error).split())}; `make install` puts everything in its place")
    except Exception as error:  # our defect: one line for the person, the traceback for us
        if os.environ.get("SEATBOX_TRACEBACK"):
            raise
        said = " ".join(str(error).split())
        return _failed(f"a defect of Seatbox: {type(error).__name__}: {said} (SEATBOX_TRACEBACK=1 shows where)")


def _failed(why: str) -> int:
    print(f"seatbox: {why}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="seatbox", description="A call centre in a box.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"seatbox {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    def add(name: str, verb: Callable[[argparse.Namespace], int], says: str) -> argparse.ArgumentParser:
        one = verbs.add_parser(name, help=says, description=says, allow_abbrev=False)
        one.set_defaults(verb=verb)
        return one

    run = add("run", _run, "run the appliance in the foreground; prints `ready URL` when every line has started")
    run.add_argument("--state", type=Path, required=True, metavar="DIR", help="where journal and recordings lie")
    run.add_argument(
        "--config", type=Path, metavar="FILE", help="the configuration; else DIR/config.toml, at first a copy of the factory's"
    )
    run.add_argument("--listen", type=_address, metavar="HOST:PORT", help=f"the page's address ({LISTEN}); not loopback: HTTPS")
    run.add_argument("--demo", action="store_true", help="the demonstration office, with a simulated telephone exchange")

    check = add("check", _check, "say what is wrong with a configuration")
    check.add_argument("file", type=Path, metavar="FILE")

    verify = add("verify", _verify, "check the journal and every recording against their hash chain; changes nothing")
    verify.add_argument("--state", type=Path, required=True, metavar="DIR")
    verify.add_argument(
        "--head", type=_head, action="append", default=[], metavar="NUMBER:HASH", help="a printed head that must be there; may be repeated"
    )

    head = add("head", _show_heads, "print the chain's heads: one a day, and the last entry's")
    head.add_argument("--state", type=Path, required=True, metavar="DIR")
    head.add_argument("--day", metavar="2026-11-24", help="of this day only")

    proof = add("proof", _proof, "write what an outsider needs to check one recording (docs/prove_recording.py)")
    proof.add_argument("--state", type=Path, required=True, metavar="DIR")
    proof.add_argument("call", metavar="CALL")
    proof.add_argument("--out", type=Path, metavar="FILE", help="else it is printed")

    reconcile = add("reconcile", _reconcile, "say which calls of a day have no recording, and which recordings have no call")
    reconcile.add_argument("--state", type=Path, required=True, metavar="DIR")
    reconcile.add_argument("--day", metavar="2026-11-24", help="a local day; else today")

    simulate = add("simulate", _simulate, "run the routing core against an office in virtual time and say how its callers fared")
    simulate.add_argument("scenario", type=Path, metavar="SCENARIO.toml", help="queues, agents, callers; docs/simulate.md has the words")
    simulate.add_argument("--json", action="store_true", help="the figures as one JSON object")
    simulate.add_argument("--trace", type=Path, metavar="FILE", help="write each input and each decision with its time")

    replay = add("replay", _replay, "make a day's routing again from the journal; with --config: what would have become of each call")
    replay.add_argument("--state", type=Path, required=True, metavar="DIR", help="the state directory of a box")
    replay.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help="the day, by the clock here (the last one)")
    replay.add_argument("--config", type=Path, metavar="FILE", help="another configuration, compared call by call with what was")
    replay.add_argument("--json", action="store_true", help="all calls as one JSON object")

    modem = add("modem", _modem, "one simulated modem on a pseudo-terminal, for real client programs")
    modem.add_argument("--dialect", required=True, metavar="NAME", help="sim7600, ec25, huawei, sim800, a7670 or v253")
    modem.add_argument("--link", type=Path, metavar="PATH", help="a name for the command port (a symbolic link)")
    modem.add_argument("--rfc2217", metavar="HOST:PORT", help="serve it on the network too, with control lines (v253; port 0: a free one)")
    modem.add_argument("--script", type=Path, metavar="FILE", help="what its far end does")

    doctor = add("doctor", _doctor, "look at ports, sound, pins, disk, clock and rights: what is wrong and what to do")
    doctor.add_argument("--state", type=Path, metavar="DIR", help="the state directory to look at")
    doctor.add_argument("--listen", type=_address, default=LISTEN, metavar="HOST:PORT", help=f"the address the page will have ({LISTEN})")

    password = add("password", _password, "set a forgotten password, on the box only")
    password.add_argument("--state", type=Path, required=True, metavar="DIR")
    password.add_argument("name", metavar="NAME")
    return parser


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no address; write HOST:PORT, for example {LISTEN}")
    return text


def _head(text: str) -> tuple[int, bytes]:
    number, _, digest = text.partition(":")
    try:
        if len(bytes.fromhex(digest)) == 32 and number.isascii() and number.isdigit():
            return int(number[:19]), bytes.fromhex(digest)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no head; write NUMBER:HASH as it was printed")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def _run(asked: argparse.Namespace) -> int:
    from firmware_cfg import check
    from firmware_cfg.findings import ConfigErrors

    state: Path = asked.state.absolute()
    config: Path = asked.config.absolute() if asked.config else _demo_config(state) if asked.demo else _own_config(state)
    try:
        document = check.load(config)
    except ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    if asked.demo:
        from appliance.exchange import launch

        lines = [line for line in document.line if not _is_a_real_port(line.port)]
        launch.ensure(
            state,
            [
                {"line": line.id, "dialect": line.dialect, "number": line.number, "ports": [line.port, *filter(None, [line.audio_port])]}
                for line in lines
            ],
            # the seats' telephones are in the network from the start; nobody lifts them until told so
            {seat.number: {"answers_after_s": None} for seat in document.seat if seat.number},
        )
    from appliance import box

    return box.main(state, config, asked.listen or LISTEN, asked.demo, may_move=asked.demo and asked.listen is None)


def _demo_config(state: Path) -> Path:
    """The product's own, until another was saved on the page."""
    from firmware_cfg import check

    saved = state / "demo.toml"
    return saved if saved.exists() else check.HERE / "demo.toml"


def _own_config(state: Path) -> Path:
    """DIR/config.toml; a box that has none starts with the factory's and says where it is."""
    from firmware_cfg import check

    config = state / "config.toml"
    if not config.exists():
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(check.HERE / "factory.toml", config)
        print(f"wrote {config}: add your lines, seats and people there; `seatbox doctor` finds modems", file=sys.stderr)
    return config


def _is_a_real_port(port: str) -> bool:
    """The exchange answers at relative paths only: what is plugged in stays what it is, in the demonstration too."""
    return "://" in port or Path(port).is_absolute()


def _check(asked: argparse.Namespace) -> int:
    from firmware_cfg.check import examine, examine_tones

    if asked.file.absolute().parent.name == "tones":
        tones, findings = examine_tones(asked.file)
        for finding in findings:
            print(finding)
        if tones is not None:
            print(f"{asked.file}: nothing wrong (the tones of {tones.title})", file=sys.stderr)
        return 1 if tones is None else 0
    document, findings = examine(asked.file)
    for finding in findings:
        print(finding)
    if document is None:
        return 1
    have = {"line": document.line, "queue": document.queue, "seat": document.seat, "agent": document.agent}
    counted = ", ".join(f"{len(entries)} {kind}{'' if len(entries) == 1 else 's'}" for kind, entries in have.items())
    print(f"{asked.file}: nothing wrong ({counted})", file=sys.stderr)
    return 0


def _verify(asked: argparse.Namespace) -> int:
    from appliance.store import verify

    return verify.main(asked.state, asked.head)


def _show_heads(asked: argparse.Namespace) -> int:
    from appliance.store import proof_command

    return proof_command.head(asked.state, asked.day)


def _proof(asked: argparse.Namespace) -> int:
    from appliance.store import proof_command

    return proof_command.proof(asked.state, asked.call, asked.out)


def _reconcile(asked: argparse.Namespace) -> int:
    from appliance.recording import reconcile_command

    return reconcile_command.main(asked.state, asked.day)


def _simulate(asked: argparse.Namespace) -> int:
    from appliance.simulate import simulate_command

    return simulate_command.main(asked.scenario, asked.json, asked.trace)


def _replay(asked: argparse.Namespace) -> int:
    from appliance.calls import replay_command

    return replay_command.main(asked.state, asked.day, asked.config, asked.json)


def _modem(asked: argparse.Namespace) -> int:
    from appliance.exchange import modem_command

    return modem_command.main(asked.dialect, asked.link, asked.script, asked.rfc2217)


def _doctor(asked: argparse.Namespace) -> int:
    from appliance import doctor

    return doctor.main(asked.state, asked.listen)


def _password(asked: argparse.Namespace) -> int:
    from appliance.people import password_command

    return password_command.main(asked.state, asked.name)


if __name__ == "__main__":
    sys.exit(main())
