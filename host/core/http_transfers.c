/* http_transfers.c — libcurl driven by its sockets: what it waits for is in a set of epoll's, with
 * a timer for its time-outs, and the set itself is what the caller polls. */
#include "core/http_transfers.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/http_private.h"

#define EVENTS 64 /* of one look at the set; others are told of by the next */

struct under_way {
    struct lac_http_exchange exchange; /* first: libcurl's side hands this out */
    struct under_way *next;
    uint64_t id;
    struct lac_buf body;
};

struct lac_http_transfers {
    struct lac_http_batch batch;
    int set, timer;
    uint64_t last_id;
    struct under_way *list;
};

/* ---- What libcurl waits for ---- */

static uint32_t events_of(int what) {
    uint32_t events = (what & CURL_POLL_IN) != 0 ? EPOLLIN : 0;
    return events | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    struct lac_http_transfers *transfers = context;
    struct epoll_event event = {.events = events_of(what), .data.fd = fd};
    (void)easy;
    (void)known;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(transfers->set, EPOLL_CTL_DEL, fd, NULL); /* gone already when it was closed */
        return 0;
    }
    bool kept = epoll_ctl(transfers->set, EPOLL_CTL_MOD, fd, &event) == 0 ||
                epoll_ctl(transfers->set, EPOLL_CTL_ADD, fd, &event) == 0;
    return kept ? 0 : -1;
}

static int on_timer(CURLM *multi, long milliseconds, void *context) {
    const struct lac_http_transfers *transfers = context;
    struct itimerspec at = {0}; /* never, which is what -1 asks for */
    (void)multi;
    if (milliseconds == 0) {
        at.it_value.tv_nsec = 1;
    } else if (milliseconds > 0) {
        at.it_value.tv_sec = milliseconds / 1000;
        at.it_value.tv_nsec = milliseconds % 1000 * 1000000;
    }
    return timerfd_settime(transfers->timer, 0, &at, NULL) == 0 ? 0 : -1;
}

static int mask_of(uint32_t events) {
    int mask = (events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
    mask |= (events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
    return mask | ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
}

/* The timer is silent again. There may be nothing to read: it was set anew meanwhile. */
static void acknowledge(int timer) {
    uint64_t times;
    ssize_t got = read(timer, &times, sizeof times);
    (void)got;
}

/* Lets libcurl do what its sockets and its timer allow. */
static bool go_on(struct lac_http_transfers *transfers) {
    struct epoll_event events[EVENTS];
    int running, count = epoll_wait(transfers->set, events, EVENTS, 0);
    bool works = true;
    for (int i = 0; works && i < count; i++) {
        int fd = events[i].data.fd, mask = mask_of(events[i].events);
        if (fd == transfers->timer) {
            acknowledge(fd);
            fd = CURL_SOCKET_TIMEOUT;
            mask = 0;
        }
        works =
            lac_curl.multi_socket_action(transfers->batch.multi, fd, mask, &running) == CURLM_OK;
    }
    return works;
}

/* ---- What is under way ---- */

static void forget(struct lac_http_transfers *transfers, struct under_way *gone) {
    struct under_way **at = &transfers->list;
    while (*at != gone) {
        at = &(*at)->next;
    }
    *at = gone->next;
    lac_buf_free_secret(&gone->body);
    free(gone);
}

static bool watch_timer(struct lac_http_transfers *transfers) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = transfers->timer};
    return epoll_ctl(transfers->set, EPOLL_CTL_ADD, transfers->timer, &event) == 0;
}

static bool set_callbacks(struct lac_http_transfers *transfers) {
    CURLM *multi = transfers->batch.multi;
    return lac_curl.multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           lac_curl.multi_setopt(multi, CURLMOPT_SOCKETDATA, transfers) == CURLM_OK &&
           lac_curl.multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
           lac_curl.multi_setopt(multi, CURLMOPT_TIMERDATA, transfers) == CURLM_OK;
}

bool lac_http_transfers_open(struct lac_http_transfers **out, struct lac_error *err) {
    if (!lac_http_start_libcurl(err)) {
        return false;
    }
    struct lac_http_transfers *transfers = calloc(1, sizeof *transfers);
    if (transfers == NULL) {
        return lac_http_out_of_memory(err);
    }
    transfers->set = epoll_create1(EPOLL_CLOEXEC);
    transfers->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (transfers->set < 0 || transfers->timer < 0 || !watch_timer(transfers)) {
        lac_http_transfers_close(transfers);
        return lac_fail(err, LAC_ERR_SYSTEM, "there are too many open files to send requests");
    }
    transfers->batch.multi = lac_curl.multi_init();
    if (transfers->batch.multi == NULL || !set_callbacks(transfers)) {
        lac_http_transfers_close(transfers);
        return lac_http_out_of_memory(err);
    }
    *out = transfers;
    return true;
}

int lac_http_transfers_fd(const struct lac_http_transfers *transfers) {
    return transfers->set;
}

bool lac_http_transfers_start(struct lac_http_transfers *transfers,
                              const struct lac_http_request *request, uint64_t *id,
                              struct lac_error *err) {
    struct under_way *begun = calloc(1, sizeof *begun);
    if (begun == NULL) {
        return lac_http_out_of_memory(err);
    }
    begun->id = ++transfers->last_id;
    begun->next = transfers->list;
    transfers->list = begun;
    struct lac_http_request *own = &begun->exchange.request;
    *own = *request;
    own->idle_timeout = LAC_HTTP_MOST_SECONDS; /* nobody looks while nothing happens */
    if (request->body.data != NULL) {
        lac_buf_adds(&begun->body, LAC_STR(""), request->body);
        own->body = begun->body.data != NULL ? lac_buf_view(&begun->body) : LAC_STR("");
    }
    if (begun->body.failed) {
        forget(transfers, begun);
        return lac_http_out_of_memory(err);
    }
    if (!lac_http_batch_start(&transfers->batch, &begun->exchange)) {
        *err = begun->exchange.error;
        forget(transfers, begun);
        return false;
    }
    own->headers = NULL; /* libcurl has copies */
    own->header_count = 0;
    own->url = NULL;
    own->method = (struct lac_str){NULL, 0};
    *id = begun->id;
    return true;
}

bool lac_http_transfers_next(struct lac_http_transfers *transfers, struct lac_http_ended *out) {
    if (transfers->batch.ended == NULL && !go_on(transfers)) {
        lac_http_batch_fail(&transfers->batch);
    }
    struct under_way *ended = (struct under_way *)lac_http_batch_settle(&transfers->batch);
    if (ended == NULL) {
        return false;
    }
    *out = (struct lac_http_ended){ended->id, ended->exchange.response, ended->exchange.error};
    forget(transfers, ended);
    return true;
}

void lac_http_transfers_drop(struct lac_http_transfers *transfers, uint64_t id) {
    struct under_way *found = transfers->list;
    while (found != NULL && found->id != id) {
        found = found->next;
    }
    if (found != NULL) {
        lac_http_batch_drop(&transfers->batch, &found->exchange);
        forget(transfers, found);
    }
}

void lac_http_transfers_close(struct lac_http_transfers *transfers) {
    if (transfers == NULL) {
        return;
    }
    lac_http_batch_clear(&transfers->batch);
    while (transfers->list != NULL) {
        forget(transfers, transfers->list);
    }
    if (transfers->batch.multi != NULL) {
        lac_curl.multi_cleanup(transfers->batch.multi);
    }
    if (transfers->timer >= 0) {
        close(transfers->timer);
    }
    if (transfers->set >= 0) {
        close(transfers->set);
    }
    free(transfers);
}
