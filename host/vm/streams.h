/* streams.h — the standard streams: there from the first line, and written out whole at the end. */
#ifndef LAC_STREAMS_H
#define LAC_STREAMS_H

/* Call once, before anything is opened. A standard stream that the caller has closed is given a
 * file that is nothing, so that no file of ours takes its number; writing to such a standard output
 * fails. When the program ends, by whatever way, with an answer that could not be written (a full
 * disk), it says so and exits with 1. A reader that has left (`| head`) had what it wanted. */
void lac_streams_guard(void);

#endif
