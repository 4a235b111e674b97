/* clock.h — what time it is, and the three texts that AWS has for it. Time is seconds since 1970,
 * with a fraction, always UTC; no time zone file and no locale is ever read. */
#ifndef LAC_CLOCK_H
#define LAC_CLOCK_H

#include "core/buf.h"
#include "core/error.h"

/* The wall clock, or the time that a test has set. */
double lac_clock_now(void);
void lac_clock_set(double seconds);
void lac_clock_free(void); /* back to the wall clock */

/* Only ever grows, from an unknown start: for durations. Not moved by lac_clock_set. */
double lac_clock_monotonic(void);

/* Waits; ends early with LAC_ERR_INTERRUPT when the user asks to stop. */
bool lac_clock_sleep(double seconds, struct lac_error *err);

/* Years 1 to 9999: what the texts below can say. A time outside is written as the nearest inside.
 */
#define LAC_CLOCK_LEAST (-62135596800.0)
#define LAC_CLOCK_MOST 253402300799.0

#define LAC_AMZ_DATE_SIZE sizeof "20150830T123600Z"
#define LAC_ISO8601_SIZE sizeof "2015-08-30T12:36:00.000Z"
#define LAC_HTTP_DATE_SIZE sizeof "Sun, 30 Aug 2015 12:36:00 GMT"

void lac_clock_amz_date(double seconds, char out[LAC_AMZ_DATE_SIZE]);
void lac_clock_iso8601(double seconds, bool milliseconds, char out[LAC_ISO8601_SIZE]);
void lac_clock_http_date(double seconds, char out[LAC_HTTP_DATE_SIZE]);

/* Reads any of the three back, whole. ISO 8601 may have a fraction, and an offset such as +02:00 in
 * the place of Z. */
bool lac_clock_parse(struct lac_str text, double *seconds, struct lac_error *err);

#endif
