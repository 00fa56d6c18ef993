"""`seatbox simulate` and the page "What if" (E4): scenarios read and checked, run in the lab of appliance/core, their figures told."""
