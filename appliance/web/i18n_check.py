"""What the catalogues lack: keys that code and templates use, sentences that the box and the configuration's check say; differing words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

from appliance.web.i18n_sentences import sentences, skeleton, templates
from appliance.web.texts import FINDING, LANGUAGES, po_path

ROOT: Final = Path(__file__).parents[1]
KEY: Final = r"([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)"
USES: Final = (
    re.compile(r"\bt\(\s*['\"]" + KEY + r"['\"]"),  # templates: t("board.title")
    re.compile(r"\btexts\(\s*['\"]" + KEY + r"['\"]"),
    re.compile(r"\bSentence\(\s*['\"]" + KEY + r"['\"]"),
    re.compile(r"\btitle=['\"]" + KEY + r"['\"]"),
    re.compile(r"['\"](why\.[a-z0-9_]+)['\"]"),
    re.compile(r"['\"](text\.[a-z0-9_.]+)['\"]"),  # keys that a script asks for
)
REFUSED: Final = re.compile(r"\bRefused\(.*")
FAMILIES: Final = {
    "line_state": "starting idle ringing dialling talking held fault disabled",
    "cap": "per_minute per_day at_once spend_per_day",
    "recovery": "gone silent radio reopen reset usb power_key broken under_voltage over_current back",
    "seat_state": "logged_out free ringing talking held wrap_up paused fault on_break missed",
    "call_state": "ringing queued offered dialling talking held outside ended",
    "agent_status": "logged_out free paused",
    "outcome": "answered no_answer rejected withdrawn open",
    "kind": "browser headset phone",
    "certificate": "windows windows.1 windows.2 windows.3 macos macos.1 macos.2 macos.3 android android.1 android.2 android.3"
    " ios ios.1 ios.2 ios.3 ios.4 linux linux.1 linux.2 firefox firefox.1 firefox.2 firefox.3",
    "direction": "in out",
    "role": "agent inspector supervisor administrator",
    "reason": "busy rest meal meeting training more_wrap_up missed_calls prompt_recording",
    "next": "free wrap_up busy rest meal logged_out",
    "ended_by": "caller agent box",
    "menu": "messages recordings custody prompts board desk calls queues wall people seats lines what_if configuration",
    "prompt_use": "welcome hold",
    "take": "ringing ready recording recorded",
    "take_over": "discarded left hung_up lost no_answer busy congestion refused forgotten",
    "language": "zh_CN en",
    "mark": "exemplary held missed paused transferred conference supervised",
    "difference": "no_recording unsealed short file_missing no_call foreign",
    "deletion": "open agreed withdrawn",
    "says": "zh en tone",
    "strategy": "longest_idle best_level fewest_calls least_talk round_robin fixed random ring_all",
    "figure": "arrivals answered abandoned p_wait mean_wait_s service_level service_level_with_abandoned p_abandon occupancy"
    " calls given_up sent_away wait_95_s longest_wait_s",
    "fate": "answered left expired nobody_there replaced waiting refused",
    "compare": "no_journal unreadable nothing not_that_day other_hash too_large too_long broken cancelled",
    "setting": "ring_limit_s rest_s wait_max_s overflow_s back_s length_max weight ageing wrap_up_s misses_max",
    "empty_when": "nobody_logged_in all_paused all_in_wrap_up",
    "what_if": "agents answer_s day offer_s patience_s per_hour source strategy talk_s wrap_up_s",
    "do": "answer reject hang_up hold retrieve mute unmute free busy more_wrap_up log_out transfer consult conference"
    " pause_recording resume_recording complete join cancel leave",
    "party": "agent consulted member monitor whisper barge take_over stop rings",
    "transfer_kind": "blind consult conference take_over",
    "because": "hung_up no_answer busy congestion rejected refused cancelled lost outside_hung_up outside_too_long no_queue fax"
    " answering_machine",
    "routing": "chosen behind talking_already other_queue lacks_skill excluded logged_out ringing talking wrap_up paused resting busy"
    " vanished blocked not_asked had_turn held_for_owner reserve number_busy unknown ordered",
    "queue_why": "nobody talking_already other_queue lacks_skill excluded logged_out ringing behind talking wrap_up paused resting busy"
    " vanished blocked not_asked had_turn held_for_owner reserve number_busy kept_line kept_later kept_staff kept_dialling",
    "queue_next": "first his_customer may_take nobody_waits none_for_him ringing",
    "message_state": "new read waiting sending sent delivered failed unsure",
    "timeline": "started identified picked_up queued requeued ordered_take ordered_withdraw ordered_move offered rings missed rejected"
    " withdrawn answered held kept retrieved muted unmuted digit taken_up ended gap sealed failed asked joined left transferred supervised"
    " supervision_changed supervision_ended classified noted hushed unhushed call_back_asked dialled not_reached"
    " fax_calls fax_answers person machine beep",
}
"""Families of words of which one is chosen while the box runs: `t("seat_state." ~ seat.state)`."""
FORBIDDEN: Final = {"代理": "坐席", "扩展名": "分机", "座席": "坐席"}
"""Wording that the trade laughs at, or a second word for one thing, and what to say instead."""


def messages(language: str, context: str | None = None) -> dict[str, str]:
    with po_path(language).open("rb") as file:
        found = [message for message in read_po(file, locale=language) if message.id and message.context == context]
    return {str(message.id): str(message.string) for message in found}


def used(root: Path = ROOT) -> dict[str, str]:
    """Each key that is used, and the first file that uses it."""
    found: dict[str, str] = {}
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.js")]):
        if "vendor" in path.parts or path.name in ("i18n_check.py", "texts.py"):
            continue
        text = path.read_text(encoding="utf-8")
        for pattern in USES:
            for key in pattern.findall(text):
                found.setdefault(key, str(path.relative_to(root.parent)))
        for refused in REFUSED.findall(text):
            for key in re.findall(r"['\"]" + KEY + r"['\"]", refused):  # more than one where it depends
                found.setdefault(key, str(path.relative_to(root.parent)))
    written = {skeleton(key): key for key in messages("en")}
    for sentence, file in sentences(root).items():
        found.setdefault(written.get(sentence, sentence), file)
    for family, words in FAMILIES.items():
        for word in words.split():
            found.setdefault(f"{family}.{word}", "appliance/web/i18n_check.py")
    return found


def findings(root: Path = ROOT) -> list[str]:
    """One line for each thing that is wrong; empty where both catalogues are complete."""
    catalogues = {language: messages(language) for language in LANGUAGES}
    of_check = {language: messages(language, FINDING) for language in LANGUAGES}
    return [*_findings(catalogues, used(root)), *_findings(of_check, templates(root.parent / "firmware_cfg"))]


def _findings(catalogues: dict[str, dict[str, str]], uses: dict[str, str]) -> Iterator[str]:
    for key in sorted({*uses, *(key for texts in catalogues.values() for key in texts)}):
        placeholders = set()
        for language, texts in catalogues.items():
            text = texts.get(key, "")
            if not text:
                yield f"{language}: {key} has no text (used in {uses.get(key, 'the other catalogue')})"
                continue
            placeholders.add(frozenset(re.findall(r"{(\w+)}", text)))
            for wrong, right in FORBIDDEN.items():
                if wrong in text:
                    yield f"{language}: {key} says {wrong}; the trade says {right}"
        if len(placeholders) > 1:
            yield f"{key}: the languages do not fill in the same words"
