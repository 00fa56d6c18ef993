"""The core's memory. Agents, queues and classes keep their slot for ever; a call's slot is used again when it is over."""
from libc.stdint cimport int8_t, int32_t, int64_t, uint32_t, uint64_t, uint8_t

from appliance.core._ids cimport Ids
from appliance.core._order cimport Ends, Link
from appliance.core._timers cimport Timers


cdef struct Agent:
    int64_t id
    int64_t idle_since
    int64_t rest_until
    int64_t wrap_up_ms
    int64_t setup_ms
    int64_t ring_ms  # of the open offer, as the queue had it then
    int64_t rest_ms  # likewise
    int32_t group
    int32_t call
    uint32_t blocks
    int8_t state
    bint vanished
    bint pause_next
    bint rang
    bint idle  # stands in its group's list: could be offered a call
    bint counted  # rule 5


cdef struct Queue:
    int64_t id
    int64_t ring_ms
    int64_t rest_ms
    Ends waiting
    int32_t idle_groups  # groups that serve it and have an idle agent
    int32_t counted  # agents that a round must visit
    int32_t *groups
    int32_t n_groups
    int32_t cap_groups
    int32_t rounds  # first call of it with a round begun, or -1
    int32_t hot_prev
    int32_t hot_next
    int32_t cursor
    bint hot  # somebody waits and somebody is idle
    bint recheck  # a round of it may be complete


cdef struct Group:  # agents who serve the same queues
    int32_t *queues  # ascending slots
    int32_t n_queues
    int32_t members
    Ends idle


cdef struct Call:
    int64_t id
    int32_t queue
    int32_t agent
    int8_t state
    uint64_t *turns  # bit: that agent has had his turn
    int32_t n_words
    int32_t visited  # agents counted by the queue among them
    int32_t round_prev
    int32_t round_next
    bint in_round  # some bit is set


cdef struct Action:
    int64_t now
    int64_t call
    int64_t agent
    int64_t until
    int32_t code


cdef class Acd:
    cdef Agent *agents
    cdef Link *idle_links
    cdef int32_t n_agents, cap_agents
    cdef Ids agent_ids
    cdef Timers timers
    cdef Queue *queues
    cdef int32_t n_queues, cap_queues, hot, n_recheck
    cdef Ids queue_ids
    cdef Group *groups
    cdef int32_t n_groups, cap_groups
    cdef Call *calls
    cdef Link *wait_links
    cdef int32_t n_calls, cap_calls, spare_call
    cdef Ids call_ids
    cdef Action *actions
    cdef int64_t n_actions, cap_actions
    cdef int64_t *serves
    cdef int32_t n_serves, cap_serves
    cdef int64_t now
    cdef uint64_t fold
    cdef bint broken, running

    # growing
    cdef bint reserve(self) noexcept nogil
    cdef bint grow_agents(self) noexcept nogil
    cdef bint serve(self, int64_t queue) noexcept nogil
    cdef void emit(self, int32_t code, int64_t call, int64_t agent, int64_t until) noexcept nogil
    cdef void refuse(self, int32_t why) noexcept nogil
    # a step
    cdef void step(self, int64_t now, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d) noexcept nogil
    cdef void settle(self) noexcept nogil
    cdef void apply(self, int64_t code, int64_t a, int64_t b, int64_t c) noexcept nogil
    cdef void fire(self, int32_t x) noexcept nogil
    cdef void match(self) noexcept nogil
    cdef int32_t longest_idle(self, int32_t k) noexcept nogil
    cdef void offer(self, int32_t k, int32_t x) noexcept nogil
    # rounds
    cdef void had_turn(self, int32_t k, int32_t x) noexcept nogil
    cdef void begin_round(self, int32_t k) noexcept nogil
    cdef void complete_rounds(self) noexcept nogil
    cdef void count(self, int32_t x, bint on) noexcept nogil
    # lists
    cdef void moved(self, int32_t x) noexcept nogil
    cdef void idle(self, int32_t x, bint on) noexcept nogil
    cdef void heat(self, int32_t q) noexcept nogil
    cdef void wait(self, int32_t k) noexcept nogil
    # an offer and a talk end
    cdef int32_t part(self, int32_t x) noexcept nogil
    cdef void turn_over(self, int32_t x, int32_t code, int64_t rest_ms) noexcept nogil
    cdef bint withdraw(self, int32_t x) noexcept nogil
    cdef void lose_offer(self, int32_t x) noexcept nogil
    cdef void come_back(self, int32_t x) noexcept nogil
    cdef void make_free(self, int32_t x, int64_t since) noexcept nogil
    cdef void pause(self, int32_t x) noexcept nogil
    cdef void talk_over(self, int32_t x) noexcept nogil
    cdef void requeue(self, int32_t x) noexcept nogil
    cdef void forget(self, int32_t k) noexcept nogil
    # inputs
    cdef void agent_set(self, int64_t agent, int64_t wrap_up_ms, int64_t setup_ms) noexcept nogil
    cdef bint set_group(self, int32_t x) noexcept nogil
    cdef int32_t group_of(self, int32_t *queues, int32_t n) noexcept nogil
    cdef void queue_set(self, int64_t queue, int64_t ring_ms, int64_t rest_ms) noexcept nogil
    cdef void of_agent(self, int64_t code, int32_t x, int64_t b) noexcept nogil
    cdef void of_offer(self, int64_t code, int64_t call, int64_t agent) noexcept nogil
    cdef void call_waits(self, int64_t call, int64_t queue) noexcept nogil
    cdef void call_leaves(self, int64_t call) noexcept nogil
    cdef list take_actions(self)
    cdef int32_t known(self, const Ids *ids, object given) except -1
