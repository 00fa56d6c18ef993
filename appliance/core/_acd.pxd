"""The core's memory. Agents, queues, classes, requests, wants and tenants keep their slot for ever; a call's slot is used again when it is over."""
from libc.stdint cimport int16_t, int32_t, int64_t, uint32_t, uint64_t, uint8_t

from appliance.core._ids cimport Ids
from appliance.core._order cimport Link
from appliance.core._timers cimport Timer, Timers


cdef struct Spans:  # how long an offer rings, and who did not take it rests
    int32_t ring_ms
    int32_t rest_ms
    int32_t reject_ms
    int32_t busy_ms


cdef struct Agent:
    Link idle_link  # (idle since, id): among the idle of his class
    Timer timer
    int64_t rest_until
    int64_t talk_ms
    int64_t calls
    int64_t rank
    int64_t since  # the talk began
    int32_t wrap_up_ms
    int32_t setup_ms
    Spans spans  # of the open offer, as the queue had them then
    int32_t cls
    int32_t tenant
    int32_t call
    int32_t ring_prev  # others who ring for the same call
    int32_t ring_next
    int32_t misses_max
    int32_t misses  # in a row
    int32_t owned  # first of the callers who are his, or -1
    uint32_t blocks  # this and the next two are looked at as one, so they stand at a multiple of 8
    int16_t vanished
    int16_t on_demand
    int16_t state  # flags are 16 bits wide: stores to characters would make the compiler forget what it knows of all else
    int16_t pause_next
    int16_t rang
    int16_t asks
    int16_t idle  # stands in his class's list: could be offered a call
    int16_t counted  # rule 5
    int16_t woken  # stands in `owners`
    int16_t weight


cdef struct Step:
    int64_t after_ms
    int32_t lower
    int32_t also


cdef struct Queue:
    int64_t id
    int32_t tenant
    Spans spans
    int32_t strategy
    int32_t at_once
    int32_t most  # the same, 0 being as many as may be
    int32_t more_ms
    int32_t reserve
    int32_t overflow_to
    int64_t weight
    int64_t ageing
    int64_t tier_points
    int64_t length_max
    int64_t length_most  # the same, none being as many as may be
    int64_t wait_max_ms
    int64_t overflow_ms
    int64_t back_ms
    int32_t causes
    int32_t cause  # rule 15, as of `cause_seen`
    int64_t cause_seen
    int32_t timed  # time does something to its callers
    int64_t soonest_ms  # after which it does at first, 0: never, but for more who ring
    int64_t n_idle  # who could be offered a call and serve it; counted while it has a reserve
    int32_t n_steps
    Step steps[8]
    uint64_t random
    int64_t offers
    int64_t *asked  # by agent: when this queue asked him last, counted in offers
    int32_t n_asked
    int32_t *of_want  # its requests before any widening and 1, by want and 1; 0: none yet
    int32_t n_of_want
    int64_t n_waiting  # callers who are not talking
    int64_t served_ms
    int64_t interval
    int64_t errors_ms
    int64_t errors
    uint64_t *classes  # bit: that class serves it


cdef struct Class:  # agents of the same queues, orders, skills and tenant
    Link by_head
    Link idle
    uint64_t sign
    int32_t *what  # n_queues times (queue, order), then n_skills times (skill, level), each sorted
    int32_t n_queues
    int32_t n_skills
    int32_t members
    int32_t counted  # agents whom a round must visit
    bint even  # they are of one order
    int32_t reserves  # its queues that have a reserve
    int32_t here  # logged in
    int32_t paused
    int32_t wrapping  # counted while some queue asks
    int32_t slot


cdef struct Key:
    int64_t major  # ageing * since - 1000 * points: the less, the sooner
    int64_t since
    int64_t minor  # steps before others of that age << 32 | id


cdef struct Front:  # of a line
    Key key  # the first caller's; `major` LAST: nobody
    Front *prev
    Front *next
    int32_t request
    int32_t call  # the first caller, or -1


cdef enum:
    ROWS = 4


cdef struct Row:  # callers, each behind the one before him: a ring, in which who left is a hole (-1), but at neither end
    int64_t first  # the major of the first one's key; LAST: nobody
    int64_t last  # that of who came last
    int32_t *calls
    uint32_t mask  # -1: no room yet
    uint32_t head
    uint32_t tail


cdef struct Request:  # callers of the same queue, want and step of widening
    Front front  # the first of those in line; before all else, so that who has it has the request
    int32_t queue
    int32_t want
    int32_t step
    int32_t wider  # the request of one step more, or -1: none yet
    int32_t n  # callers without conditions of their own
    int32_t n_heap
    int32_t cap
    uint32_t orders  # bit: to some class that may, its queue is of this order
    int32_t by_order[10]  # how many
    bint prefers
    bint heads  # its callers get the longest idle of all who may, or of those with what is preferred
    bint plain  # and one agent at a time
    bint quiet  # and nothing is preferred, and neither time nor who is there does anything to them
    int32_t specials  # first of its callers with conditions of their own, or -1
    int32_t *heap  # of those who came out of order, the first at the root
    Row rows[ROWS]  # of those who came in order


cdef struct Want:
    int32_t *what  # (skill, level), needs first
    int32_t n_needs
    int32_t n_prefers


cdef struct Tenant:
    int64_t seats_max
    int64_t calls_max
    int64_t seats
    int64_t lines_left  # counted while some tenant has a limit of them
    bint told  # of its limits


cdef struct Extra:  # what few callers have
    Extra *spare  # the next one that nobody has
    int64_t owner
    int64_t owner_ms
    uint64_t *turns  # bit: that agent has had his turn; none where no round has begun
    int32_t n_words
    int32_t n_turns
    int32_t *never
    int32_t n_never
    int32_t round  # place in the list of those in a round, or -1
    int32_t mine  # the owner's slot, or -1: unknown or none
    int32_t mine_prev  # others of the same owner
    int32_t mine_next
    int32_t prev  # others with conditions of the same request
    int32_t next
    bint callback  # wants to be called back
    bint dialled


cdef struct Call:
    Key key
    int64_t since
    int64_t joined
    int64_t rung_at
    int64_t expected
    int64_t due
    int64_t customer  # his number, or 0: withheld
    Extra *extra
    int32_t queue
    int32_t request
    int32_t want
    int32_t agent  # with whom he talks, where he does; of a free slot: the next free one
    int32_t rings  # first of those who ring, or -1
    int32_t n_rings
    int32_t pos  # in the row or heap where it stands
    int32_t due_pos  # in the row or heap of those to whom time does something
    int32_t priority
    int32_t place_priority
    int32_t chain_prev  # others whose number's hash is the same, or -1
    int32_t chain_next
    int16_t tier
    int16_t place_tier
    int16_t state
    int16_t stands
    int16_t check
    int16_t row  # where it stands in line, or -1: in the heap
    int16_t due_row  # or NO_DUE, DUE_HEAP


cdef struct Cut:
    int32_t queue
    int64_t number
    int64_t since
    int64_t until


cdef struct Given:  # a row that belongs to the input after it
    int64_t kind
    int64_t a
    int64_t b


cdef struct Action:  # ACTION_WIDTH numbers, as trace.py has them
    int64_t now
    int64_t code
    int64_t call
    int64_t agent
    int64_t until


cdef class Acd:
    cdef Agent *agents
    cdef int32_t n_agents, cap_agents, n_idle
    cdef Ids agent_ids
    cdef Timers timers
    cdef Queue *queues
    cdef int32_t n_queues, cap_queues, n_causes, n_wrap_causes, n_reserves, n_line_limits
    cdef int32_t n_special  # callers with conditions of their own who could be offered
    cdef bint uneven  # callers of some queues age faster
    cdef int64_t staff  # counts changes of who is there (rule 15); not those for more, while every queue has somebody
    cdef bint some_empty  # some queue had nobody when it was looked at
    cdef bint fewer  # it became fewer since callers were looked at
    cdef Ids queue_ids
    cdef Class *classes
    cdef Class no_class  # at the end of the ring of classes with idle agents, which stand in the order of the first of them; may take anybody
    cdef Agent no_agent  # the only one of that class: nobody
    cdef int32_t n_classes, cap_classes, words
    cdef uint64_t *idle_classes
    cdef int32_t *wanted  # by class: requests where somebody stands whom it may take
    cdef Request *requests
    cdef int32_t n_requests, cap_requests
    cdef uint64_t *open_requests  # bit: somebody stands there
    cdef uint64_t *special_requests  # bit: somebody with conditions of his own does
    cdef Front by_front  # lines where somebody stands, in the order of the first of them; where all queues' callers age alike
    cdef uint64_t *fresh  # bit: somebody there might be matched now
    cdef int32_t only  # where it is marked: the only one that is, or -1
    cdef uint64_t *takes  # [class][word of requests]: `may`, the other way round
    cdef int32_t request_words
    cdef int32_t *owners  # who might be offered a caller of his own
    cdef int32_t n_owners, cap_owners, n_unknown_owners
    cdef uint8_t *order  # [request][class]: 0 never, else the pair's
    cdef uint8_t *liked  # [request][class]: has all that is preferred
    cdef int16_t *score  # [request][class]: sum of levels
    cdef uint64_t *may  # [request][word of classes]
    cdef uint32_t orders  # bit: some class uses it
    cdef Want *wants
    cdef int32_t n_wants, cap_wants
    cdef Ids want_ids
    cdef Tenant *tenants
    cdef int32_t n_tenants, cap_tenants
    cdef Ids tenant_ids
    cdef Call *calls
    cdef int32_t n_calls, cap_calls, spare_call
    cdef Ids call_ids
    cdef int32_t *chains  # callers whose number is known: the first of each chain, or -1
    cdef int32_t n_chains, chain_shift, n_known, n_callbacks
    cdef uint64_t back_marks  # bit: of the number of some call-back; some are of none any more, but of no call-backs there are none
    cdef int32_t *rounds
    cdef int32_t n_rounds, cap_rounds
    cdef Row due_rows[ROWS]  # callers to whom time does something, by when
    cdef int32_t *dues  # a heap of those who came out of order
    cdef int32_t n_dues, cap_dues
    cdef int32_t *checks
    cdef int32_t n_checks, cap_checks
    cdef int32_t *scratch
    cdef int32_t cap_scratch
    cdef Extra *spare_extra  # linked by `spare`
    cdef Cut *cuts
    cdef int32_t n_cuts, cap_cuts
    cdef uint64_t cut_marks  # bit: of some number among them
    cdef Given *given
    cdef int32_t n_given, cap_given
    cdef const int64_t *more  # what few callers have
    cdef int64_t brought[6]  # the same, where it is told before other rows than the input's own
    cdef Action *actions
    cdef Action *at  # where the next decision will stand
    cdef Action *end
    cdef int64_t now
    cdef int64_t latest  # later inputs, or all, are for `rarely`
    cdef int64_t kept_soonest  # `timers.soonest` as it was before rows that belong to the next input
    cdef int64_t callers_due  # nothing that time or the staff does to callers is due before; may be earlier than the first, 0: now
    cdef uint64_t fold
    cdef int32_t rounds_due  # which may be complete: that of `had`, or all
    cdef int32_t had  # whose round a turn was added to last
    cdef int32_t newcomer  # the only agent who became free since all were matched as far as they can be, or -1: none, or all is in `fresh`
    cdef int32_t back  # who waits again, as the only one, since his offer ended in this step, or -1
    cdef bint broken, running, again
    cdef bint any_fresh, marked  # somebody might be matched now; that is in `fresh`

    # a step
    cdef void step(self, const int64_t *row) noexcept nogil  # INPUT_WIDTH numbers
    cdef list fed(self, now_ms, int64_t code, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)
    cdef int64_t next_due(self) noexcept nogil
    cdef list take_actions(self)
    cdef object give_actions(self)
    cdef int expect(self, int64_t count) except -1
    cdef int32_t known(self, const Ids *ids, object given) except -1
