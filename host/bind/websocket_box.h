/* websocket_box.h — the userdata of a WebSocket, which host.websocket and host.server both make. */
#ifndef LAC_WEBSOCKET_BOX_H
#define LAC_WEBSOCKET_BOX_H

#include "bind/bind.h"
#include "core/websocket_link.h"

/* Pushes a box that Lua's collector closes, empty. */
struct lac_websocket_link **bind_newwebsocket(lua_State *L);

/* The bounds on what is received, out of the options at `arg`: max_frame, max_message. */
struct lac_websocket_limits bind_websocket_limits(lua_State *L, int arg);

#endif
