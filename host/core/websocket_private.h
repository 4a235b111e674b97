/* websocket_private.h — what websocket_link.c and websocket_connect.c share. */
#ifndef LAC_WEBSOCKET_PRIVATE_H
#define LAC_WEBSOCKET_PRIVATE_H

#include "core/websocket_link.h"

struct lac_websocket_link {
    int socket, fd; /* fd: an epoll set with the socket, for reading, and for writing when needed */
    bool client;    /* whose frames are masked */
    bool closing;   /* we sent a close frame */
    bool ended;     /* `end` tells how */
    bool writing;   /* the set waits for room to write */
    struct lac_websocket_reader reader;
    struct lac_buf out;
    size_t sent; /* of it */
    struct lac_websocket_message end;
    char reason[LAC_WEBSOCKET_CONTROL];
};

/* Makes a link of a connected socket, which it takes over, also when it fails. */
struct lac_websocket_link *lac_websocket_link_new(int socket, bool client,
                                                  struct lac_websocket_limits limits,
                                                  struct lac_str before, struct lac_error *err);

#endif
