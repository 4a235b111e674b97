#include "vm/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include <lauxlib.h>

#include "core/interrupt.h"
#include "vm/interrupt.h"

/* ---- time -------------------------------------------------------------------------------------
 *
 * One timer, which is set again only when it would come too late: a call costs no system call but
 * for the first one of many. It finds by itself that nothing is due yet, or any more. */

#define AGAIN 0.1    /* of the margin: a handler that caught the error and goes on is told again */
#define SOONEST 1e-3 /* seconds between two times */
#define LONGEST 1e6  /* of one setting of the timer */
#define SHARE 0.1    /* of a short time, the margin is this part */

static volatile double cutoff;       /* seconds since 1970 */
static volatile double again;        /* seconds after which who goes on is told again */
static volatile sig_atomic_t guards; /* whether there is one */
static volatile double rings;        /* when the timer comes; 0: it is not set */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void set_timer(double at, double from) {
    double wait = at - from < LONGEST ? at - from : LONGEST;
    wait = wait > 1e-6 ? wait : 1e-6;
    struct itimerval timer = {.it_value = {.tv_sec = (time_t)wait}};
    timer.it_value.tv_usec = (suseconds_t)((wait - (double)timer.it_value.tv_sec) * 1e6);
    if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) {
        timer.it_value.tv_usec = 1;
    }
    rings = from + wait;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_alarm(int number);

/* Until it is time, whoever reads a pipe or a terminal shall not notice the timer. */
static void handle_alarm(int flags) {
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
}

static void on_alarm(int number) {
    int before = errno;
    double time = now();
    (void)number;
    rings = 0;
    if (guards && time < cutoff) {
        set_timer(cutoff, time);
    } else if (guards) {
        handle_alarm(0);
        lac_interrupt_cut_short(LAC_INTERRUPT_LATE);
        set_timer(time + again, time);
    }
    errno = before;
}

/* Who started the program may have blocked the signal, and that is inherited. */
static void let_alarm_in(void) {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
}

static void guard_until(double at, double pause) {
    double time = now();
    if (rings == 0) {
        handle_alarm(SA_RESTART);
        let_alarm_in();
    }
    cutoff = at;
    again = pause > SOONEST ? pause : SOONEST;
    guards = 1;
    double set = rings;
    if (set == 0 || set > at || set < time - 1) { /* or the machine was frozen when it came */
        set_timer(at, time);
    }
}

/* No call lasts longer than the one around it, which ends at `outer`; 0: there is none. */
static void begin(double deadline, double margin, double outer) {
    if (deadline > 0 && margin > 0) {
        double share = (deadline - now()) * SHARE;
        margin = margin < share ? margin : share;
        double at = deadline - margin;
        guard_until(outer > 0 && outer < at ? outer : at, margin * AGAIN);
    }
}

static bool finish(lua_State *L) {
    guards = 0;
    if (!lac_interrupt_let_be(L)) {
        return false;
    }
    handle_alarm(SA_RESTART);
    return true;
}

/* ---- memory ------------------------------------------------------------------------------------
 *
 * Two marks. Past the first one the handler is looked at, at its next instruction: all garbage is
 * collected, and when that was not enough it is cut short there, where an error has a place and a
 * trace. Past the second there is no memory, and Lua raises its own error. Outside of a call there
 * are no marks: who tells of a failure needs memory when the handler has left none. */

#define SLACK                                                                                      \
    8 /* between the marks, an eighth: a stack that doubles is to fit, and what tells of it */
#define NEAR 16 /* so near the first mark, there is no use in collecting again and again */
#define LEAST ((size_t)4 * 1024 * 1024)

static struct {
    lua_Alloc allocate;
    void *ud;
    size_t used, soft, hard;
    bool guarded; /* whether a call is to be cut short at all */
    bool asked;   /* for that, since the first mark was passed */
} memory;

/* What a block of the C library takes, its own words about it counted. */
static size_t block_size(size_t size) {
    return size == 0 ? 0 : (size + 23) & ~(size_t)15;
}

/* Whether there is room; asks for a look at who needs more than the first mark allows. */
static bool has_room(size_t used) {
    if (used <= memory.soft || !memory.guarded) {
        memory.asked = false;
        return true;
    }
    if (!memory.asked && used <= memory.hard) {
        memory.asked = true;
        lac_interrupt_cut_short(LAC_INTERRUPT_LARGE);
    }
    return used <= memory.hard;
}

bool lac_guard_is_large(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    memory.asked = memory.used > memory.soft - memory.soft / NEAR;
    return memory.asked;
}

static void *allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    (void)ud;
    size_t old = block != NULL ? block_size(old_size) : 0, wanted = block_size(new_size);
    size_t used = memory.used - (old < memory.used ? old : memory.used) + wanted;
    if (wanted > old && !has_room(used)) {
        return NULL;
    }
    void *result = memory.allocate(memory.ud, block, old_size, new_size);
    if (result != NULL || new_size == 0) {
        memory.used = used;
    }
    return result;
}

/* What C allocates besides then fails, and is told as an error, before the system ends the process.
 * A sanitizer has more than that in use from its first moment. */
static void limit_process(size_t bytes) {
#ifndef __SANITIZE_ADDRESS__
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur > bytes) {
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_DATA, &limit);
    }
#else
    (void)bytes;
#endif
}

/* ---- the calls --------------------------------------------------------------------------------
 */

/* guard.call(deadline, margin, on_error, fn, ...) -> true, ... | false, error, late */
static int l_call(lua_State *L) {
    lua_Number deadline = luaL_checknumber(L, 1), margin = luaL_checknumber(L, 2);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    luaL_checktype(L, 4, LUA_TFUNCTION);

    lua_rotate(L, 1, -2);
    lua_pop(L, 2);
    bool inside = memory.guarded;
    double outer = guards ? cutoff : 0, pause = again;
    memory.guarded = true;
    begin(deadline, margin, outer);
    int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
    bool late = finish(L);
    memory.guarded = inside;
    if (outer > 0) {
        guard_until(outer, pause);
    }

    lua_pushboolean(L, status == LUA_OK);
    lua_replace(L, 1);
    if (status != LUA_OK) {
        lua_pushboolean(L, late);
    }
    return lua_gettop(L);
}

static size_t check_bytes(lua_State *L, int arg) {
    lua_Integer bytes = luaL_checkinteger(L, arg);
    luaL_argcheck(L, bytes >= (lua_Integer)LEAST && (uint64_t)bytes <= SIZE_MAX, arg,
                  "at least 4 MiB expected");
    return (size_t)bytes;
}

/* guard.limit_memory(of_lua, of_process) */
static int l_limit_memory(lua_State *L) {
    size_t of_lua = check_bytes(L, 1), of_process = check_bytes(L, 2);

    if (memory.allocate == NULL) {
        memory.allocate = lua_getallocf(L, &memory.ud);
        memory.used = (size_t)lua_gc(L, LUA_GCCOUNT) * 1024;
        lua_setallocf(L, allocate, NULL);
    }
    memory.hard = of_lua;
    memory.soft = of_lua - of_lua / SLACK;
    memory.asked = false;
    limit_process(of_process);
    return 0;
}

/* guard.memory_kept() -> number */
static int l_memory_kept(lua_State *L) {
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCCOLLECT); /* each frees half of what a deep stack has left */
    bool bounded = memory.allocate != NULL;
    lua_pushnumber(L, bounded ? (lua_Number)memory.used / (lua_Number)memory.hard : 0);
    return 1;
}

/* guard.end_gently() */
static int l_end_gently(lua_State *L) {
    (void)L;
    lac_interrupt_end_gently();
    return 0;
}

/* guard.ending() -> boolean */
static int l_ending(lua_State *L) {
    lua_pushboolean(L, lac_interrupt_requested_when_idle());
    return 1;
}

static const luaL_Reg functions[] = {
    {"call", l_call},
    {"end_gently", l_end_gently},
    {"ending", l_ending},
    {"limit_memory", l_limit_memory},
    {"memory_kept", l_memory_kept},
    {NULL, NULL},
};

int luaopen_host_guard(lua_State *L) {
    luaL_newlib(L, functions);
    return 1;
}
