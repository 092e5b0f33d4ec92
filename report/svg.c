#include "svg.h"

#include <stddef.h>

int64_t svg_scale(int64_t value, int64_t largest, int64_t size_tenths)
{
    if (value <= 0 || largest <= 0) {
        return 0;
    }
    if (value >= largest) {
        return size_tenths;
    }
    return (int64_t)((double)value / (double)largest * (double)size_tenths + 0.5);
}

int64_t svg_bar(int64_t value, int64_t largest, int64_t size_tenths, int64_t smallest_tenths)
{
    int64_t length = svg_scale(value, largest, size_tenths);
    return value > 0 && length < smallest_tenths ? smallest_tenths : length;
}

int64_t svg_tick(int64_t largest)
{
    int64_t unit = 1;
    for (;;) {
        static const int64_t k_steps[] = {1, 2, 5};
        for (size_t i = 0; i < sizeof k_steps / sizeof k_steps[0]; i++) {
            if (largest / (k_steps[i] * unit) < 5) {
                return k_steps[i] * unit;
            }
        }
        unit *= 10;
    }
}

int svg_week(int64_t days)
{
    if (days < 0) {
        return SVG_PAST_WEEK;
    }
    return days / 7 < SVG_LATER_WEEK ? (int)(days / 7) : SVG_LATER_WEEK;
}

int svg_window(int64_t days)
{
    static const int64_t k_last[SVG_WINDOWS - 1] = {-1, 7, 30, 60, 90, 200};
    int window = 0;
    while (window < SVG_WINDOWS - 1 && days > k_last[window]) {
        window++;
    }
    return window;
}
