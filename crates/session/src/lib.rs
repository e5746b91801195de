//! What a front end of irad needs and a terminal does not.
