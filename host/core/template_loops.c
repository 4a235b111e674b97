/* template_loops.c — resources that wait for each other. */
#include <stdlib.h>

#include "core/template_private.h"

/* So many loops are reported; the rest shows when these are gone. */
#define MOST_LOOPS 20

/* The edges of the resources that may be part of a loop, by their beginning: those of `i` are
 * to[first[i]] .. to[first[i + 1] - 1]. */
struct graph {
    size_t count;
    size_t *first;
    long *to;
    long *from, *queue; /* of a search: where each place was reached from; what is to be visited */
    bool *gone;         /* cannot be part of a loop, or of one that was reported */
};

static void free_graph(struct graph *graph) {
    free(graph->first);
    free(graph->to);
    free(graph->from);
    free(graph->queue);
    free(graph->gone);
}

static bool make_graph(const struct lac_template_checking *check, struct graph *out) {
    const struct lac_template_edge *edges = (const struct lac_template_edge *)check->edges.data;
    size_t count = check->resources.count, edge_count = check->edges.len / sizeof *edges;
    *out = (struct graph){
        .count = count,
        .first = calloc(count + 2, sizeof *out->first),
        .to = calloc(edge_count + 1, sizeof *out->to),
        .from = calloc(count + 1, sizeof *out->from),
        .queue = calloc(count + 1, sizeof *out->queue),
        .gone = calloc(count + 1, sizeof *out->gone),
    };
    if (!out->first || !out->to || !out->from || !out->queue || !out->gone) {
        free_graph(out);
        return false;
    }
    /* The edges come in the order of their beginnings: resources are checked in that order. */
    for (size_t i = 0; i < edge_count; i++) {
        out->first[edges[i].from + 1]++;
        out->to[i] = edges[i].to;
    }
    for (size_t i = 0; i < count; i++) {
        out->first[i + 1] += out->first[i];
    }
    return true;
}

/* Takes away, again and again, what nothing depends on: a loop's members always have something. */
static void prune(struct graph *graph) {
    size_t *dependents = calloc(graph->count + 1, sizeof *dependents);
    if (dependents == NULL) {
        return; /* slower, not wrong */
    }
    for (size_t i = 0; i < graph->first[graph->count]; i++) {
        dependents[graph->to[i]]++;
    }
    size_t waiting = 0;
    for (size_t i = 0; i < graph->count; i++) {
        if (dependents[i] == 0) {
            graph->queue[waiting++] = (long)i;
        }
    }
    while (waiting > 0) {
        size_t place = (size_t)graph->queue[--waiting];
        graph->gone[place] = true;
        for (size_t i = graph->first[place]; i < graph->first[place + 1]; i++) {
            if (--dependents[graph->to[i]] == 0) {
                graph->queue[waiting++] = graph->to[i];
            }
        }
    }
    free(dependents);
}

/* The length of the shortest way from `start` back to itself that is shorter than `most`, or 0. Its
 * steps, backwards, are in graph->from. */
static size_t shortest_loop(struct graph *graph, long start, size_t most) {
    for (size_t i = 0; i < graph->count; i++) {
        graph->from[i] = -1;
    }
    size_t head = 0, tail = 0, level_end = 1, length = 1;
    graph->queue[tail++] = start;
    while (head < tail && length < most) {
        long place = graph->queue[head++];
        for (size_t i = graph->first[place]; i < graph->first[place + 1]; i++) {
            long to = graph->to[i];
            if (graph->gone[to] || graph->from[to] >= 0) {
                continue;
            }
            graph->from[to] = place;
            if (to == start) {
                return length;
            }
            graph->queue[tail++] = to;
        }
        if (head == level_end) {
            level_end = tail;
            length++;
        }
    }
    return 0;
}

/* Writes "A → B → A" and takes the loop's members out of the graph. */
static void report_loop(struct lac_template_checking *check, struct graph *graph, long start) {
    size_t length = 0;
    for (long place = start; length == 0 || place != start; place = graph->from[place]) {
        graph->queue[length++] = place; /* backwards: start, the one before it, ... */
    }
    struct lac_buf loop = {0};
    const char *id = check->resources.nodes[start]->string;
    lac_buf_add(&loop, lac_template_text(id));
    for (size_t i = length; i > 0; i--) {
        long place = graph->queue[i - 1];
        graph->gone[place] = true;
        lac_buf_adds(&loop, LAC_STR(" → "),
                     lac_template_text(check->resources.nodes[place]->string));
    }
    size_t before = lac_template_enter(check, "Resources");
    lac_template_enter(check, id);
    check->resource = id;
    lac_template_problem(check, LAC_PROBLEM_CYCLE, LAC_STR("a circular dependency: "),
                         lac_buf_view(&loop));
    check->resource = NULL;
    lac_template_leave(check, before);
    check->failed = check->failed || loop.failed;
    lac_buf_free(&loop);
}

/* The shortest loop first, and of two that are as short the one with the first name; then again
 * without its members. */
void lac_template_check_loops(struct lac_template_checking *check) {
    struct graph graph;
    if (check->edges.failed || !make_graph(check, &graph)) {
        check->failed = true;
        return;
    }
    prune(&graph);
    for (int reported = 0; reported < MOST_LOOPS; reported++) {
        size_t best = graph.count + 1;
        long start = -1;
        for (size_t i = 0; i < graph.count && best > 1; i++) {
            size_t length = graph.gone[i] ? 0 : shortest_loop(&graph, (long)i, best);
            if (length > 0) {
                best = length;
                start = (long)i;
            } else if (best == graph.count + 1) {
                graph.gone[i] = true; /* on no loop at all */
            }
        }
        if (start < 0) {
            break;
        }
        shortest_loop(&graph, start, best + 1);
        report_loop(check, &graph, start);
    }
    free_graph(&graph);
}
