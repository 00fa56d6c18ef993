"""What a condition nearly always is: for the compiler, which keeps in registers what the usual way needs."""

cdef extern from *:
    """
    #define rare(condition) __builtin_expect(!!(condition), 0)
    """
    bint rare(bint condition) nogil
