/* The arithmetic of charts: scales, ticks, weeks. Lengths are in tenths of an SVG unit. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stdint.h>

/* `value` of `largest` on a scale of `size_tenths`; at least 0, at most the whole size. */
int64_t svg_scale(int64_t value, int64_t largest, int64_t size_tenths);
/* The same, but what is not nothing is seen: at least `smallest_tenths`. */
int64_t svg_bar(int64_t value, int64_t largest, int64_t size_tenths, int64_t smallest_tenths);
/* The distance between at most five grid lines up to `largest`: 1, 2, 5, 10, 20, 50, … */
int64_t svg_tick(int64_t largest);

#define SVG_PAST_WEEK  (-1) /* what expired */
#define SVG_LATER_WEEK 32   /* from day 224 on */

/* The column of the histogram that `days` falls into: SVG_PAST_WEEK, 0 … SVG_LATER_WEEK. */
int svg_week(int64_t days);

#define SVG_WINDOWS 7
/* The window of the table beside it: 0 expired, 1 up to 7 days, 30, 60, 90, 200, 6 beyond. */
int svg_window(int64_t days);

#endif
