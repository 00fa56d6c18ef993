"""The rules of the routing core broken one by one: a patch of the source, and the named test (of test_rules.py) that must notice.

`ORACLE` is run in `make test` (patched text, executed as a module), `CORE` in `make soak` (patched text, compiled in a folder of its own).
A patch that no longer fits exactly once is an error, so the lists cannot go stale in silence.
"""

# ruff: noqa: E501  a mutation is a line

from typing import NamedTuple


class Mutation(NamedTuple):
    what: str
    old: str
    new: str
    noticed_by: str
    file: str = ""


def oracle(what: str, old: str, new: str, noticed_by: str) -> Mutation:
    return Mutation(what, old, new, noticed_by, "reference.py")


def core(what: str, old: str, new: str, noticed_by: str, file: str = "_acd.pyx") -> Mutation:
    return Mutation(what, old, new, noticed_by, file)


ORACLE = [
    # rule 1
    oracle("1 no match after the input", "self.out.append(d.Refused(why))\n            self._settle()", "self.out.append(d.Refused(why))", "a_caller_is_offered_to_a_free_agent_in_the_same_step"),
    oracle("1 whose queue", "call.queue in agent.queues and agent.number not in call.had_turn", "agent.number not in call.had_turn", "nobody_gets_a_call_of_a_queue_that_he_does_not_serve"),
    oracle("1 free", 'if agent.state == "free" and agent.reachable', 'if agent.state in ("free", "resting") and agent.reachable', "who_missed_rests_and_others_callers_do_not_ring_him"),
    oracle("1 logged in", 'if agent.state == "free" and agent.reachable', 'if agent.state in ("free", "logged_out") and agent.reachable', "a_logged_out_agent_gets_nothing"),
    oracle("1 paused", 'if agent.state == "free" and agent.reachable', 'if agent.state in ("free", "paused") and agent.reachable', "a_paused_agent_gets_nothing"),
    oracle("1 wrap-up", 'if agent.state == "free" and agent.reachable', 'if agent.state in ("free", "wrap_up") and agent.reachable', "wrap_up_is_the_persons_own"),
    oracle("1 reachable", 'agent.state == "free" and agent.reachable and', 'agent.state == "free" and', "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    oracle("1 blocked", "return not self.blocks and not self.vanished", "return not self.vanished", "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    oracle("1 vanished", "return not self.blocks and not self.vanished", "return not self.blocks", "a_vanished_agent_gets_nothing_until_he_returns_or_logs_in"),
    oracle("1 had his turn", "call.queue in agent.queues and agent.number not in call.had_turn", "call.queue in agent.queues", "a_rested_agent_waits_for_his_colleague_who_talks"),
    oracle("1 every reason of a block counts", "agent.blocks.discard(given.reason)", "agent.blocks.clear()", "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    # rule 2
    oracle("2 longest idle", "key=lambda agent: (agent.idle_since, agent.number)", "key=lambda agent: agent.number", "the_longest_idle_agent_is_first"),
    oracle("2 smaller agent", "key=lambda agent: (agent.idle_since, agent.number)", "key=lambda agent: agent.idle_since", "of_agents_idle_alike_the_smaller_number_is_first"),
    oracle("2 by arrival", "(self.now, 0, given.call)", "(0, 0, given.call)", "the_longest_waiting_caller_of_all_his_queues_is_first"),
    oracle("2 smaller call", "(self.now, 0, given.call)", "(self.now, 0, -given.call)", "of_callers_of_one_millisecond_the_smaller_number_is_first"),
    oracle("2 over all queues", "key=lambda call: call.place)", "key=lambda call: (call.queue, call.place))", "callers_are_matched_in_order_of_arrival_over_all_queues"),
    oracle("2 idle since the end of wrap-up", '"free", None, since', '"free", None, agent.idle_since', "idle_since_is_the_end_of_wrap_up"),
    oracle("2 idle since it was due", "self._make_free(agent, due)", "self._make_free(agent, self.now)", "idle_since_is_when_wrap_up_was_due_even_where_the_tick_is_late"),
    oracle("2 a block keeps the place", "agent.blocks.discard(given.reason)", "agent.blocks.discard(given.reason)\n        agent.idle_since = self.now", "who_is_blocked_keeps_his_place_among_the_idle"),
    oracle("2 a caller who left keeps the place", 'agent.state = "free"\n            self.out.append(d.Withdrawn(call.number', 'agent.state, agent.idle_since = "free", self.now\n            self.out.append(d.Withdrawn(call.number', "who_was_offered_a_caller_that_left_keeps_his_place_among_the_idle"),
    # rule 3
    oracle("3 one offer a caller", 'if call.state == "waiting":\n                self._match', 'if call.state != "talking":\n                self._match', "one_caller_is_offered_to_one_agent_at_a_time"),
    oracle("3 ring time", "self.now + agent.setup_ms + queue.ring_ms", "self.now + agent.setup_ms + 16_000", "an_offer_ends_after_three_rings_and_the_next_agent_is_offered"),
    oracle("3 setup time", "self.now + agent.setup_ms + queue.ring_ms", "self.now + queue.ring_ms", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    oracle("3 rings count from the ring", "agent.rang, agent.until = True, self.now + agent.offer_values.ring_ms", "agent.rang = True", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    oracle("3 the first ring alone", "if not agent.rang:", "if True:", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    oracle("3 late is late", "agent.until <= self.now", "agent.until < self.now", "an_answer_in_the_millisecond_of_the_deadline_is_late"),
    oracle("3 an answer ends the deadline", 'call.state = agent.state = "talking"\n        agent.until = None', 'call.state = agent.state = "talking"', "the_answer_joins_them_and_ends_the_deadline"),
    oracle("3 compare and set: an offer", 'agent.state == "offered" and agent.call == given.call', "True", "only_the_agent_with_the_open_offer_can_answer"),
    oracle("3 compare and set: this call", 'agent.state == "offered" and agent.call == given.call', 'agent.state == "offered"', "of_two_who_are_offered_each_can_answer_only_his_own_caller"),
    oracle("3 new values from the next offer on", "True, self.now + agent.offer_values.ring_ms", "True, self.now + self.queues[self.calls[given.call].queue].ring_ms", "new_values_of_a_queue_hold_from_the_next_offer_on"),
    # rule 4
    oracle("4 rest after a miss", "HOLD_MS if how is d.Withdrawn else values.rest_ms", "0", "who_missed_rests_and_others_callers_do_not_ring_him"),
    oracle("4 rest after a reject", "HOLD_MS if how is d.Withdrawn else values.rest_ms", "values.rest_ms if how is d.Missed else 0", "who_rejected_rests_as_who_missed_but_is_not_said_to_have_missed"),
    oracle("4 a moment after a failure", "HOLD_MS if how is d.Withdrawn else values.rest_ms", "0 if how is d.Withdrawn else values.rest_ms", "a_line_that_always_fails_is_dialled_once_a_second_at_most"),
    oracle("4 his turn", "call.had_turn.add(agent.number)", "pass", "a_rested_agent_waits_for_his_colleague_who_talks"),
    oracle("4 the place is kept", 'call.state, call.agent = "waiting", None', 'call.state, call.agent, call.place = "waiting", None, (self.now + 1, 0, call.number)', "the_caller_keeps_his_place_when_an_offer_ends"),
    oracle("4 a moment after withdrawing", 'agent.state, agent.rest_until = "held", self.now + HOLD_MS', 'agent.state = "held"', "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    oracle("4 a withdrawn offer is no turn", "            call = self._part(agent)\n            self.out.append(d.Withdrawn", "            call = self._part(agent)\n            call.had_turn.add(agent.number)\n            self.out.append(d.Withdrawn", "a_withdrawn_offer_was_no_turn"),
    oracle("4 a rest outlasts pause and logout", "if agent.rest_until > self.now:", 'if agent.rest_until > self.now and agent.state not in ("paused", "logged_out"):', "pausing_and_resuming_does_not_shorten_a_rest"),
    oracle("4 a pause withdraws", "        self._withdraw(agent)\n        self._pause(agent)", "        self._pause(agent)", "who_pauses_when_offered_has_not_missed_and_the_call_goes_on"),
    oracle("4 a logout withdraws", '        self._withdraw(agent)\n        agent.state, agent.until = "logged_out", None', '        agent.state, agent.until = "logged_out", None', "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    oracle("4 a block withdraws", "agent.blocks.add(given.reason)\n        self._lose_offer(agent)", "agent.blocks.add(given.reason)", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    oracle("4 vanishing withdraws", "agent.vanished = True\n        self._lose_offer(agent)", "agent.vanished = True", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    # rule 5
    oracle("5 a new round", "            call.had_turn.clear()\n\n    def _match", "            pass\n\n    def _match", "each_round_visits_each_agent_once"),
    oracle("5 only when all had their turn", "if call.state != \"talking\" and all(", "if call.state != \"talking\" and any(", "a_rested_agent_waits_for_his_colleague_who_talks"),
    oracle("5 paused are left out", 'self.state not in ("logged_out", "paused")', 'self.state != "logged_out"', "a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish"),
    oracle("5 logged out are left out", 'self.state not in ("logged_out", "paused")', 'self.state != "paused"', "a_round_does_not_wait_for_who_is_logged_out"),
    oracle("5 unreachable are left out", 'return self.reachable and self.state not in', "return self.state not in", "a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish"),
    oracle("5 others of the queue", "if call.queue in agent.queues and agent.counts_in_rounds", "if agent.counts_in_rounds", "a_round_no_longer_waits_for_who_does_not_serve_the_queue"),
    oracle("5 who talks is waited for", 'self.state not in ("logged_out", "paused")', 'self.state not in ("logged_out", "paused", "talking")', "a_rested_agent_waits_for_his_colleague_who_talks"),
    # rule 6
    oracle("6 wrap-up", "elif agent.wrap_up_ms:", "elif False:", "wrap_up_is_the_persons_own"),
    oracle("6 his own length", "self.now + agent.wrap_up_ms", "self.now + 10_000", "wrap_up_is_the_persons_own"),
    oracle("6 zero is none", "elif agent.wrap_up_ms:", "else:\n            agent.wrap_up_ms = max(1, agent.wrap_up_ms)\n        if agent.state == \"talking\":", "without_wrap_up_he_is_free_at_once"),
    oracle("6 resume ends wrap-up", 'elif agent.state in ("paused", "wrap_up"):', 'elif agent.state == "paused":', "resume_ends_wrap_up"),
    oracle("6 resume ends a pause", 'elif agent.state in ("paused", "wrap_up"):', 'elif agent.state == "wrap_up":', "a_paused_agent_gets_nothing"),
    oracle("6 a pause ends wrap-up", 'agent.state, agent.until, agent.pause_next = "paused", None, False', 'agent.state, agent.pause_next = "paused", False', "a_pause_ends_wrap_up"),
    oracle("6 the pause chosen in the call", "            agent.pause_next = True\n", "            pass\n", "a_pause_chosen_while_talking_takes_the_place_of_wrap_up"),
    oracle("6 chosen once", 'agent.state, agent.until, agent.pause_next = "paused", None, False', 'agent.state, agent.until = "paused", None', "a_pause_chosen_while_talking_takes_the_place_of_wrap_up"),
    oracle("6 taken back", "        if agent.pause_next:\n            agent.pause_next = False", "        if agent.pause_next:\n            pass", "a_pause_chosen_while_talking_can_be_taken_back"),
    oracle("6 the caller ends the talk", 'if call.state == "talking":\n                self._talk_over(agent)', 'if call.state == "talking":\n                pass', "the_caller_who_leaves_ends_the_talk"),
    oracle("6 the call is forgotten", "        del self.calls[agent.call]\n        agent.call", "        agent.call", "after_the_talk_a_call_may_wait_again_under_its_number"),
    # rule 7
    oracle("7 kept for a while", "agent.until = self.now + given.keep_ms", "agent.until = self.now", "a_vanished_agents_call_is_kept_and_stays_his_when_he_returns"),
    oracle("7 not for ever", "agent.until = self.now + given.keep_ms", "pass", "the_vanished_agent_is_without_call_and_wrap_up"),
    oracle("7 his again when he returns", '        if agent.state == "talking":\n            agent.until = None\n', "", "a_vanished_agents_call_is_kept_and_stays_his_when_he_returns"),
    oracle("7 vanished once", 'if agent.state == "talking" and not agent.vanished:', 'if agent.state == "talking":', "vanishing_twice_does_not_keep_the_call_longer"),
    oracle("7 before all others", "if others and min(others) < call.place:", "if False:", "a_requeued_caller_who_came_later_is_first_in_his_queue_all_the_same"),
    oracle("7 keeping its arrival", "if others and min(others) < call.place:", "if others:", "over_all_queues_a_requeued_caller_comes_where_he_arrived"),
    oracle("7 before those offered, too", 'other is not call and other.state != "talking"', 'other is not call and other.state == "waiting"', "a_requeued_caller_is_before_those_with_an_open_offer"),
    oracle("7 a new round", "        call.had_turn.clear()\n        others", "        others", "a_requeued_caller_begins_a_new_round"),
    oracle("7 no wrap-up", '            agent.state, agent.idle_since = "free", self.now\n\n    # --- inputs', '            agent.state, agent.until = "wrap_up", self.now + agent.wrap_up_ms\n\n    # --- inputs', "the_vanished_agent_is_without_call_and_wrap_up"),
    oracle("7 idle since then", '            agent.state, agent.idle_since = "free", self.now\n\n    # --- inputs', '            agent.state = "free"\n\n    # --- inputs', "the_vanished_agent_is_idle_since_his_call_was_requeued"),
    oracle("7 the chosen pause begins", "        self.out.append(d.Requeued(call.number, agent.number))\n        if agent.pause_next:", "        self.out.append(d.Requeued(call.number, agent.number))\n        if False:", "a_pause_chosen_in_the_call_begins_when_it_is_requeued"),
    oracle("7 a login is a sign of life", "        agent.vanished = False\n        self._come_back(agent)", "        self._come_back(agent)", "a_vanished_agent_gets_nothing_until_he_returns_or_logs_in"),
    oracle("7 blocks outlast a login", "        agent.vanished = False\n        self._come_back(agent)", "        agent.vanished = False\n        agent.blocks.clear()\n        self._come_back(agent)", "a_block_outlasts_logout_and_login"),
    # rule 8
    oracle("8 by due time", "(agent.until, TIMER_ORDER[agent.state], agent.number)", "(TIMER_ORDER[agent.state], agent.number)", "what_is_due_first_fires_first"),
    oracle("8 by kind", "(agent.until, TIMER_ORDER[agent.state], agent.number)", "(agent.until, agent.number)", "of_what_is_due_at_once_offers_come_before_rests_wrap_ups_and_vanished"),
    oracle("8 by agent", "(agent.until, TIMER_ORDER[agent.state], agent.number)", "(agent.until, TIMER_ORDER[agent.state])", "of_one_kind_due_at_once_the_smaller_agent_is_first"),
    oracle("8 what it starts counts from now", "self.now + agent.setup_ms + queue.ring_ms", "(agent.idle_since or 0) + agent.setup_ms + queue.ring_ms", "a_late_tick_gives_the_next_agent_his_full_three_rings"),
    oracle("8 what is due comes before the input", "            self.now = now_ms\n            self._settle()", "            self.now = now_ms", "an_answer_in_the_millisecond_of_the_deadline_is_late"),
    # what does not fit
    oracle("time runs backwards", "if now_ms < self.now:", "if False:", "time_never_runs_backwards"),
    oracle("a known call waits again", "if given.call in self.calls:", "if False:", "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    oracle("an unknown queue of an agent", "if not set(given.queues) <= set(self.queues):", "if False:", "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    oracle("logged in twice", 'if agent.state != "logged_out":', "if False:", "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    oracle("logs out while talking", 'if agent.state in ("logged_out", "talking"):', 'if agent.state == "logged_out":', "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    oracle("paused twice", 'if agent.state == "paused" or agent.pause_next:', "if False:", "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    oracle("values in range", "return low <= value <= top", "return True", "values_out_of_range_are_refused"),
    oracle("an offer of a queue left", 'if agent.state == "offered" and agent.call is not None and self.calls[agent.call].queue not in agent.queues:', "if False:", "an_agent_who_serves_the_queue_no_longer_loses_its_offer_at_once"),
]  # fmt: skip

CORE = [
    # rule 1
    core("1 no match after the input", "            self.apply(code, a, b, c)\n            self.settle()", "            self.apply(code, a, b, c)", "a_caller_is_offered_to_a_free_agent_in_the_same_step"),
    core("1 free", "self.idle(x, reachable and p.state == FREE)", "self.idle(x, reachable and (p.state == FREE or p.state == RESTING))", "who_missed_rests_and_others_callers_do_not_ring_him"),
    core("1 logged in, paused, wrap-up", "self.idle(x, reachable and p.state == FREE)", "self.idle(x, reachable and p.state != OFFERED and p.state != TALKING)", "a_paused_agent_gets_nothing"),
    core("1 reachable", "self.idle(x, reachable and p.state == FREE)", "self.idle(x, p.state == FREE)", "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    core("1 blocked", "reachable = p.blocks == 0 and not p.vanished", "reachable = not p.vanished", "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    core("1 vanished", "reachable = p.blocks == 0 and not p.vanished", "reachable = p.blocks == 0", "a_vanished_agent_gets_nothing_until_he_returns_or_logs_in"),
    core("1 had his turn", "            if call.in_round:\n", "            if False:\n", "a_rested_agent_waits_for_his_colleague_who_talks"),
    core("1 every reason of a block counts", "p.blocks &= ~(<uint64_t>1 << b)", "p.blocks = 0", "a_blocked_agent_gets_nothing_until_the_last_reason_is_gone"),
    # rule 2
    core("2 longest idle", "self.idle_links[x].major = p.idle_since", "self.idle_links[x].major = 0", "the_longest_idle_agent_is_first"),
    core("2 smaller agent", "self.idle_links[x].minor = p.id", "self.idle_links[x].minor = -p.id", "of_agents_idle_alike_the_smaller_number_is_first"),
    core("2 by arrival", "self.wait_links[k].major = self.now", "self.wait_links[k].major = 0", "the_longest_waiting_caller_of_all_his_queues_is_first"),
    core("2 smaller call", "self.wait_links[k].minor = call", "self.wait_links[k].minor = -call", "of_callers_of_one_millisecond_the_smaller_number_is_first"),
    core("2 over all queues", "if x >= 0 and (k < 0 or less(self.wait_links, x, k)):", "if x >= 0 and k < 0:", "callers_are_matched_in_order_of_arrival_over_all_queues"),
    core("2 idle since the end of wrap-up", "        self.agents[x].idle_since = since\n", "", "idle_since_is_the_end_of_wrap_up"),
    core("2 idle since it was due", "self.make_free(x, due)", "self.make_free(x, self.now)", "idle_since_is_when_wrap_up_was_due_even_where_the_tick_is_late"),
    core("2 a caller who left keeps the place", "            self.agents[x].state = FREE\n            self.emit(WITHDRAWN, call,", "            self.agents[x].state = FREE\n            self.agents[x].idle_since = self.now\n            self.emit(WITHDRAWN, call,", "who_was_offered_a_caller_that_left_keeps_his_place_among_the_idle"),
    core("2 longest idle of several groups", "if x >= 0 and (best < 0 or less(self.idle_links, x, best)):", "if x >= 0:", "the_longest_idle_of_agents_with_different_queues_is_first"),
    # rule 3
    core("3 setup time", "until = self.now + p.setup_ms + queue.ring_ms", "until = self.now + queue.ring_ms", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    core("3 rings count from the ring", "                start(&self.timers, x, self.now, self.now + p.ring_ms, p.id)\n", "", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    core("3 the first ring alone", "if not p.rang:", "if True:", "setting_up_has_its_own_time_and_the_rings_count_from_the_first"),
    core("3 late is late", "self.timers.links[x].major <= self.now", "self.timers.links[x].major < self.now", "an_answer_in_the_millisecond_of_the_deadline_is_late"),
    core("3 an answer ends the deadline", "            stop(&self.timers, x)\n            self.begin_round(k)\n            p.state = TALKING", "            self.begin_round(k)\n            p.state = TALKING", "the_answer_joins_them_and_ends_the_deadline"),
    core("3 compare and set: this call", "elif p.state != OFFERED or p.call != k:", "elif p.state != OFFERED:", "of_two_who_are_offered_each_can_answer_only_his_own_caller"),
    core("3 new values from the next offer on", "self.now + p.ring_ms, p.id)", "self.now + self.queues[self.calls[k].queue].ring_ms, p.id)", "new_values_of_a_queue_hold_from_the_next_offer_on"),
    # rule 4
    core("4 rest after a miss", "self.turn_over(x, MISSED, p.rest_ms)", "self.turn_over(x, MISSED, 0)", "who_missed_rests_and_others_callers_do_not_ring_him"),
    core("4 rest after a reject", "p.rest_ms if code == A_REJECTS else HOLD_MS", "0 if code == A_REJECTS else HOLD_MS", "who_rejected_rests_as_who_missed_but_is_not_said_to_have_missed"),
    core("4 a moment after a failure", "p.rest_ms if code == A_REJECTS else HOLD_MS", "p.rest_ms if code == A_REJECTS else 0", "a_line_that_always_fails_is_dialled_once_a_second_at_most"),
    core("4 his turn", "        self.had_turn(k, x)\n        self.wait(k)", "        self.wait(k)", "a_rested_agent_waits_for_his_colleague_who_talks"),
    core("4 a moment after withdrawing", "        p.rest_until = self.now + HOLD_MS\n        return True", "        return True", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    core("4 a rest outlasts pause and logout", "if p.rest_until > self.now:", "if p.rest_until > self.now and p.state != PAUSED and p.state != OUT:", "pausing_and_resuming_does_not_shorten_a_rest"),
    core("4 a block withdraws", "                p.blocks |= <uint64_t>1 << b\n                self.lose_offer(x)", "                p.blocks |= <uint64_t>1 << b", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    core("4 vanishing withdraws", "                p.vanished = True\n                self.lose_offer(x)", "                p.vanished = True", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    core("4 a pause withdraws", "                self.withdraw(x)\n                self.pause(x)", "                self.pause(x)", "who_pauses_when_offered_has_not_missed_and_the_call_goes_on"),
    core("4 a logout withdraws", "                self.withdraw(x)\n                stop(&self.timers, x)", "                stop(&self.timers, x)", "who_is_blocked_or_vanishes_or_logs_out_when_offered_loses_the_offer"),
    # rule 5
    core("5 a new round", "if self.calls[k].visited == self.queues[q].counted:", "if False:", "each_round_visits_each_agent_once"),
    core("5 only when all had their turn", "if self.calls[k].visited == self.queues[q].counted:", "if True:", "a_rested_agent_waits_for_his_colleague_who_talks"),
    core("5 paused are left out", "p.state != OUT and p.state != PAUSED)", "p.state != OUT)", "a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish"),
    core("5 logged out are left out", "p.state != OUT and p.state != PAUSED)", "p.state != PAUSED)", "a_round_does_not_wait_for_who_is_logged_out"),
    core("5 unreachable are left out", "self.count(x, reachable and p.state != OUT", "self.count(x, p.state != OUT", "a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish"),
    core("5 rounds are looked at when agents go", "            if k >= 0 and not queue.recheck:", "            if False:", "a_new_round_begins_when_the_others_pause_leave_are_blocked_or_vanish"),
    core("5 who goes is no longer visited", "                    call.visited += by", "                    pass", "a_round_counts_who_comes_back"),
    core("5 old queues no longer wait for him", "            self.count(x, False)\n            self.idle(x, False)", "            self.idle(x, False)", "a_round_no_longer_waits_for_who_does_not_serve_the_queue"),
    # rule 6
    core("6 wrap-up", "elif p.wrap_up_ms:", "elif False:", "wrap_up_is_the_persons_own"),
    core("6 zero is none", "elif p.wrap_up_ms:", "elif True:", "without_wrap_up_he_is_free_at_once"),
    core("6 resume ends wrap-up", "elif p.state == PAUSED or p.state == WRAP_UP:", "elif p.state == PAUSED:", "resume_ends_wrap_up"),
    core("6 a pause ends wrap-up", "        stop(&self.timers, x)\n        self.agents[x].state = PAUSED", "        self.agents[x].state = PAUSED", "a_pause_ends_wrap_up"),
    core("6 the pause chosen in the call", "                p.pause_next = True\n", "                pass\n", "a_pause_chosen_while_talking_takes_the_place_of_wrap_up"),
    core("6 chosen once", "        self.agents[x].pause_next = False\n", "", "a_pause_chosen_while_talking_takes_the_place_of_wrap_up"),
    core("6 taken back", "        elif p.pause_next:\n            p.pause_next = False", "        elif p.pause_next:\n            pass", "a_pause_chosen_while_talking_can_be_taken_back"),
    core("6 the call is forgotten", "        drop(&self.call_ids, self.calls[k].id)\n", "", "after_the_talk_a_call_may_wait_again_under_its_number"),
    # rule 7
    core("7 kept for a while", "self.now, self.now + b, (<int64_t>", "self.now, self.now, (<int64_t>", "a_vanished_agents_call_is_kept_and_stays_his_when_he_returns"),
    core("7 his again when he returns", "                if p.state == TALKING:\n                    stop(&self.timers, x)", "                pass", "a_vanished_agents_call_is_kept_and_stays_his_when_he_returns"),
    core("7 vanished once", "if p.state == TALKING and not p.vanished:", "if p.state == TALKING:", "vanishing_twice_does_not_keep_the_call_longer"),
    core("7 before all others", "if front >= 0 and less(self.wait_links, front, k):", "if False:", "a_requeued_caller_who_came_later_is_first_in_his_queue_all_the_same"),
    core("7 keeping its arrival", "if front >= 0 and less(self.wait_links, front, k):", "if front >= 0:", "over_all_queues_a_requeued_caller_comes_where_he_arrived"),
    core("7 before those offered, too", "if self.agents[y].state == OFFERED:\n                other", "if False:\n                other", "a_requeued_caller_is_before_those_with_an_open_offer"),
    core("7 a new round", "            self.begin_round(k)\n            p.state = TALKING", "            p.state = TALKING", "a_requeued_caller_begins_a_new_round"),
    core("7 idle since then", "            p.state = FREE\n            p.idle_since = self.now", "            p.state = FREE", "the_vanished_agent_is_idle_since_his_call_was_requeued"),
    core("7 the chosen pause begins", "        self.emit(REQUEUED, self.calls[k].id, p.id, NONE)\n        if p.pause_next:", "        self.emit(REQUEUED, self.calls[k].id, p.id, NONE)\n        if False:", "a_pause_chosen_in_the_call_begins_when_it_is_requeued"),
    core("7 a login is a sign of life", "                p.vanished = False\n                self.come_back(x)", "                self.come_back(x)", "a_vanished_agent_gets_nothing_until_he_returns_or_logs_in"),
    # rule 8
    core("8 by due time", "if x >= 0 and (best < 0 or less(t.links, x, best)):", "if x >= 0 and (best < 0 or t.links[x].minor < t.links[best].minor):", "what_is_due_first_fires_first", "_timers.pxd"),
    core("8 by kind", "TIMER_KIND = [9, 9, 0, 3, 2, 9, 1]", "TIMER_KIND = [9, 9, 0, 0, 0, 9, 0]", "of_what_is_due_at_once_offers_come_before_rests_wrap_ups_and_vanished"),
    core("8 by agent", "start(&self.timers, x, self.now, until, p.id)", "start(&self.timers, x, self.now, until, -p.id)", "of_one_kind_due_at_once_the_smaller_agent_is_first"),
    core("8 what is due comes before the input", "            self.settle()\n            self.apply(", "            self.apply(", "an_answer_in_the_millisecond_of_the_deadline_is_late"),
    core("8 lanes are compared", "if x >= 0 and (best < 0 or less(t.links, x, best)):", "if x >= 0 and best < 0:", "what_is_due_first_fires_first", "_timers.pxd"),
    # what does not fit
    core("time runs backwards", "        if now < self.now:\n            self.refuse(TIME_BACKWARDS)\n        elif", "        if", "time_never_runs_backwards"),
    core("a known call waits again", "elif find(&self.call_ids, call) >= 0:", "elif False:", "what_does_not_fit_is_refused_with_its_reason_and_changes_nothing"),
    core("values in range", "    return 0 <= value <= top\n", "    return True\n", "values_out_of_range_are_refused"),
    core("an offer of a queue left", "        if self.agents[x].state == OFFERED:\n            k", "        if False:\n            k", "an_agent_who_serves_the_queue_no_longer_loses_its_offer_at_once"),
]  # fmt: skip
