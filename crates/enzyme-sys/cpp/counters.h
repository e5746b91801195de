// Faults of derivatives that are mended while `GradientUtils` still knows what is what.

#pragma once

class GradientUtils;

namespace irad {

// counters.cpp
void settle_counters(GradientUtils &made);

// sizes.cpp
void keep_sizes();

} // namespace irad
