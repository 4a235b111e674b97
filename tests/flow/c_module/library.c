/* library.c — libfixture.so: what fixture.c needs besides libc. */
int fixture_answer(void);

int fixture_answer(void) {
    return 42;
}
