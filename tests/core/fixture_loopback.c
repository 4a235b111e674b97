#include "fixture_loopback.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define MAX_CONNECTIONS 128
#define MAX_REQUESTS 4096

struct connection {
    int fd; /* 0: free */
    SSL *tls;
    struct lac_buf in;
    struct loopback_answer answer;
    bool waiting; /* `answer` is to be written when enough requests have come */
    bool stalled;
};

struct loopback {
    pthread_t thread;
    pthread_mutex_t lock; /* over `requests` and the counts */
    pthread_cond_t changed;
    int listener, wake[2];
    SSL_CTX *tls;
    loopback_respond *respond;
    void *context;
    struct loopback_answer *script;
    size_t script_count, answered, stalled;
    struct connection connections[MAX_CONNECTIONS];
    struct lac_buf requests[MAX_REQUESTS];
    size_t request_count, connection_count;
    int port;
    char url[512];
};

static void die(const char *what) {
    perror(what);
    abort();
}

static void drop(struct connection *connection, bool reset) {
    if (reset) {
        struct linger hard = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    } else if (connection->tls != NULL) {
        SSL_shutdown(connection->tls);
    }
    SSL_free(connection->tls);
    close(connection->fd);
    lac_buf_free(&connection->in);
    *connection = (struct connection){0};
}

static void write_answer(struct loopback *loopback, struct connection *connection) {
    struct loopback_answer answer = connection->answer;
    size_t len = answer.len > 0 || answer.bytes == NULL ? answer.len : strlen(answer.bytes);
    connection->waiting = false;
    while (len > 0) {
        int piece = len < 65536 ? (int)len : 65536;
        ssize_t count = connection->tls ? SSL_write(connection->tls, answer.bytes, piece)
                                        : send(connection->fd, answer.bytes, len, MSG_NOSIGNAL);
        if (count <= 0) {
            break; /* the other side has gone: as good as read */
        }
        answer.bytes += count;
        len -= (size_t)count;
    }
    connection->stalled = answer.then == LOOPBACK_STALL;
    pthread_mutex_lock(&loopback->lock);
    loopback->answered++;
    loopback->stalled += connection->stalled ? 1 : 0;
    pthread_cond_signal(&loopback->changed);
    pthread_mutex_unlock(&loopback->lock);
    if (answer.then == LOOPBACK_CLOSE || answer.then == LOOPBACK_RESET) {
        drop(connection, answer.then == LOOPBACK_RESET);
    }
}

/* The length of the whole request at the beginning of `in`; 0 when there is more to come. */
static size_t whole_request(const struct lac_buf *in) {
    const char *end = in->len > 0 ? strstr(in->data, "\r\n\r\n") : NULL;
    if (end == NULL) {
        return 0;
    }
    size_t head = (size_t)(end + 4 - in->data), body = 0;
    for (const char *line = in->data; line < end; line = strstr(line, "\r\n") + 2) {
        if (strncasecmp(line, "content-length:", 15) == 0) {
            body = strtoul(line + 15, NULL, 10);
        }
    }
    return in->len >= head + body ? head + body : 0;
}

static void take_requests(struct loopback *loopback, struct connection *connection) {
    size_t len;
    while (connection->fd != 0 && !connection->waiting && !connection->stalled &&
           (len = whole_request(&connection->in)) > 0) {
        if (loopback->request_count == MAX_REQUESTS) {
            die("loopback: too many requests");
        }
        pthread_mutex_lock(&loopback->lock);
        struct lac_buf *kept = &loopback->requests[loopback->request_count++];
        lac_buf_add(kept, (struct lac_str){connection->in.data, len});
        pthread_mutex_unlock(&loopback->lock);
        struct lac_buf rest = {0};
        lac_buf_add(&rest, (struct lac_str){connection->in.data + len, connection->in.len - len});
        lac_buf_free(&connection->in);
        connection->in = rest;
        connection->answer = loopback->respond(loopback->context, lac_buf_view(kept));
        connection->waiting = true;
        if (connection->answer.after <= loopback->request_count) {
            write_answer(loopback, connection);
        }
    }
}

static void read_more(struct loopback *loopback, struct connection *connection) {
    static char bytes[65536];
    do {
        ssize_t count = connection->tls ? SSL_read(connection->tls, bytes, sizeof bytes)
                                        : recv(connection->fd, bytes, sizeof bytes, 0);
        if (count <= 0) {
            pthread_mutex_lock(&loopback->lock);
            loopback->stalled -= connection->stalled ? 1 : 0;
            pthread_cond_signal(&loopback->changed);
            pthread_mutex_unlock(&loopback->lock);
            drop(connection, false);
            return;
        }
        lac_buf_add(&connection->in, (struct lac_str){bytes, (size_t)count});
    } while (connection->tls && SSL_pending(connection->tls) > 0);
    take_requests(loopback, connection);
}

static void accept_one(struct loopback *loopback) {
    int fd = accept(loopback->listener, NULL, NULL);
    struct connection *connection = loopback->connections;
    while (connection->fd != 0) {
        if (++connection == loopback->connections + MAX_CONNECTIONS) {
            die("loopback: too many connections");
        }
    }
    pthread_mutex_lock(&loopback->lock);
    loopback->connection_count++;
    pthread_mutex_unlock(&loopback->lock);
    connection->fd = fd;
    if (loopback->tls != NULL) {
        connection->tls = SSL_new(loopback->tls);
        SSL_set_fd(connection->tls, fd);
        if (SSL_accept(connection->tls) != 1) {
            drop(connection, false);
        }
    }
}

static void *serve(void *context) {
    struct loopback *loopback = context;
    for (;;) {
        struct pollfd fds[MAX_CONNECTIONS + 2] = {{.fd = loopback->wake[0], .events = POLLIN},
                                                  {.fd = loopback->listener, .events = POLLIN}};
        for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *connection = &loopback->connections[i];
            fds[i + 2].fd = connection->fd != 0 ? connection->fd : -1;
            fds[i + 2].events = POLLIN;
        }
        poll(fds, MAX_CONNECTIONS + 2, -1);
        if (fds[0].revents != 0) {
            return NULL;
        }
        for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
            if (fds[i + 2].revents != 0) {
                read_more(loopback, &loopback->connections[i]);
            }
        }
        for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *connection = &loopback->connections[i];
            if (connection->waiting && connection->answer.after <= loopback->request_count) {
                write_answer(loopback, connection);
                take_requests(loopback, connection);
            }
        }
        if (fds[1].revents != 0) {
            accept_one(loopback);
        }
    }
}

static struct loopback_answer next_of_script(void *context, struct lac_str request) {
    struct loopback *loopback = context;
    (void)request;
    size_t i = loopback->request_count - 1;
    struct loopback_answer closed = {.then = LOOPBACK_CLOSE};
    return i < loopback->script_count ? loopback->script[i] : closed;
}

/* A key and a certificate that signs itself, for 127.0.0.1 alone. */
static SSL_CTX *make_tls(const char *certificate) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME *name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"loopback", -1, -1,
                               0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key, EVP_sha256());

    FILE *file = fopen(certificate, "w");
    if (file == NULL || PEM_write_X509(file, x509) != 1 || fclose(file) != 0) {
        die(certificate);
    }
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate(tls, x509) != 1 || SSL_CTX_use_PrivateKey(tls, key) != 1) {
        die("loopback: certificate");
    }
    X509_free(x509);
    EVP_PKEY_free(key);
    return tls;
}

static struct loopback *prepare(void) {
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    struct loopback *loopback = calloc(1, sizeof *loopback);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    loopback->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(loopback->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(loopback->listener, 128) != 0 ||
        getsockname(loopback->listener, (struct sockaddr *)&address, &len) != 0 ||
        pipe(loopback->wake) != 0) {
        die("loopback");
    }
    loopback->port = ntohs(address.sin_port);
    pthread_mutex_init(&loopback->lock, NULL);
    pthread_cond_init(&loopback->changed, NULL);
    return loopback;
}

static struct loopback *run(struct loopback *loopback) {
    if (pthread_create(&loopback->thread, NULL, serve, loopback) != 0) {
        die("loopback");
    }
    return loopback;
}

static struct loopback *prepare_script(const struct loopback_answer *script, size_t count) {
    struct loopback *loopback = prepare();
    loopback->script = calloc(count + 1, sizeof *script);
    if (count > 0) {
        memcpy(loopback->script, script, count * sizeof *script);
    }
    loopback->script_count = count;
    loopback->respond = next_of_script;
    loopback->context = loopback;
    return loopback;
}

struct loopback *loopback_start(const struct loopback_answer *script, size_t count) {
    return run(prepare_script(script, count));
}

struct loopback *loopback_start_with(loopback_respond *respond, void *context) {
    struct loopback *loopback = prepare();
    loopback->respond = respond;
    loopback->context = context;
    return run(loopback);
}

struct loopback *loopback_start_tls(const struct loopback_answer *script, size_t count,
                                    const char *certificate) {
    struct loopback *loopback = prepare_script(script, count);
    loopback->tls = make_tls(certificate);
    return run(loopback);
}

const char *loopback_url(struct loopback *loopback, const char *path) {
    snprintf(loopback->url, sizeof loopback->url, "%s://127.0.0.1:%d%s",
             loopback->tls != NULL ? "https" : "http", loopback->port, path);
    return loopback->url;
}

int loopback_port(const struct loopback *loopback) {
    return loopback->port;
}

static size_t locked(struct loopback *loopback, const size_t *count) {
    pthread_mutex_lock(&loopback->lock);
    size_t value = *count;
    pthread_mutex_unlock(&loopback->lock);
    return value;
}

size_t loopback_request_count(struct loopback *loopback) {
    return locked(loopback, &loopback->request_count);
}

struct lac_str loopback_request(struct loopback *loopback, size_t i) {
    return i < loopback_request_count(loopback) ? lac_buf_view(&loopback->requests[i])
                                                : LAC_STR("");
}

size_t loopback_connection_count(struct loopback *loopback) {
    return locked(loopback, &loopback->connection_count);
}

bool loopback_holds(struct lac_str text, const char *part) {
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) {
            return true;
        }
    }
    return false;
}

void loopback_wait(struct loopback *loopback) {
    pthread_mutex_lock(&loopback->lock);
    while (loopback->answered < loopback->script_count || loopback->stalled > 0) {
        pthread_cond_wait(&loopback->changed, &loopback->lock);
    }
    pthread_mutex_unlock(&loopback->lock);
}

void loopback_stop(struct loopback *loopback) {
    if (write(loopback->wake[1], "", 1) != 1) {
        die("loopback");
    }
    pthread_join(loopback->thread, NULL);
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (loopback->connections[i].fd != 0) {
            drop(&loopback->connections[i], false);
        }
    }
    for (size_t i = 0; i < loopback->request_count; i++) {
        lac_buf_free(&loopback->requests[i]);
    }
    close(loopback->listener);
    close(loopback->wake[0]);
    close(loopback->wake[1]);
    SSL_CTX_free(loopback->tls);
    pthread_mutex_destroy(&loopback->lock);
    pthread_cond_destroy(&loopback->changed);
    free(loopback->script);
    free(loopback);
}
