// Gives back the memory of texts.

#include "boundary.h"

#include <cstdlib>

void irad_free(char *text) { free(text); }
