/* vtl.h — mapping templates as API Gateway has them: Velocity 1.7 with $input, $util, $context and
 * $stageVariables, each invalid reference the empty text.
 *
 *     lac_vtl_compile(text, &template, &err)                 once
 *     lac_vtl_start(&run, template, &err); run.body = …      for each rendering
 *     lac_vtl_render(&run, &out, &err)
 *     lac_vtl_rest(&run)                                     to start it again, or
 *     lac_vtl_finish(&run)
 *
 * Everything is bounded: the template's size and nesting, the steps, the memory and the output of a
 * rendering; what goes past a bound is LAC_ERR_LIMIT. Errors begin with line and column of the
 * template. Reflection (getClass, .class) is refused. */
#ifndef LAC_VTL_H
#define LAC_VTL_H

#include "core/vtl_value.h"

#define LAC_VTL_TEMPLATE_MOST ((size_t)300 * 1024)
#define LAC_VTL_OUTPUT_MOST ((size_t)10 * 1024 * 1024)
#define LAC_VTL_MEMORY_MOST ((size_t)64 * 1024 * 1024)
#define LAC_VTL_STEPS_MOST ((size_t)5 * 1000 * 1000)

struct lac_vtl_template;

/* Makes a template, which keeps what it needs of the text. NULL with an error. */
struct lac_vtl_template *lac_vtl_compile(struct lac_str text, struct lac_error *err);
void lac_vtl_template_free(struct lac_vtl_template *template);

#define LAC_VTL_KEPT_MOST ((size_t)32 * 1024)

/* The names that a template can ask for, as a map's keys: who fills the maps of a run may leave out
 * all others. NULL: any. The value of a key is null where the whole value is wanted; where the
 * template asks for nothing but certain names of it, a map of these, in the same way. */
enum lac_vtl_source { LAC_VTL_PARAMS, LAC_VTL_CONTEXT, LAC_VTL_STAGE_VARIABLES, LAC_VTL_SOURCES };
const struct lac_vtl_map *lac_vtl_wanted(const struct lac_vtl_template *template,
                                         enum lac_vtl_source source);

/* One rendering. The caller sets what is not its own, of values made in `arena`. `{0}` is one that
 * was not started. */
struct lac_vtl_run {
    struct lac_str body;                             /* $input.body, JSON or not; "" reads {} */
    struct lac_vtl_map *path, *querystring, *header; /* $input.params() */
    struct lac_vtl_map *context, *stage_variables;
    size_t output_most, steps_most; /* bounds lower than those above */

    /* Its own. */
    struct lac_arena arena;
    const struct lac_vtl_template *template;
};

/* Makes the empty maps that the caller fills. `run` is {0}, or rests. False when memory is over. */
bool lac_vtl_start(struct lac_vtl_run *run, const struct lac_vtl_template *template,
                   struct lac_error *err);

/* Appends what the template makes. Afterwards, the entries of run->context that a template set have
 * `is_changed`; a template that names requestOverride or responseOverride finds them there, as maps
 * of maps, and what it sets in them stands there. */
bool lac_vtl_render(struct lac_vtl_run *run, struct lac_buf *out, struct lac_error *err);

/* Frees all values of the run. `{0}` may be finished, too. */
void lac_vtl_finish(struct lac_vtl_run *run);

/* The same, but keeps up to LAC_VTL_KEPT_MOST bytes of memory for when it is started again, with
 * whatever template. */
void lac_vtl_rest(struct lac_vtl_run *run);

#endif
