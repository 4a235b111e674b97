/* fixture_scratch.h — a test that runs in a new folder of its own, which is removed after it. */
#ifndef FIXTURE_SCRATCH_H
#define FIXTURE_SCRATCH_H

/* In the list of tests, in the place of cmocka_unit_test(test). */
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int make_scratch(void **state);
int remove_scratch(void **state);

#endif
