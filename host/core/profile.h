/* profile.h — the text of ~/.aws/config and ~/.aws/credentials, as AWS's tools read it. Pure.
 *
 *     [profile dev]              a section: `dev` (config files say profile, credentials files not)
 *     region = eu-central-1      a key and its value
 *     s3 =                       a nested block: indented keys follow
 *       addressing_style = path
 *     [sso-session work]         sections of another kind: sso-session, services
 *
 * A line that begins with # or ; is a comment; so is what follows white space and one of them
 * behind a value or a section. A line that stands deeper than a key belongs to it: to its block
 * when the key has no value, else it continues the value, after a line end. A section that occurs
 * again goes on. */
#ifndef LAC_PROFILE_H
#define LAC_PROFILE_H

#include "core/buf.h"
#include "core/error.h"

#define LAC_PROFILE_MAX_BYTES ((size_t)1024 * 1024)

enum lac_profile_kind { LAC_PROFILE_CONFIG, LAC_PROFILE_CREDENTIALS };

enum lac_profile_section { LAC_PROFILE_NAMED, LAC_PROFILE_SSO_SESSION, LAC_PROFILE_SERVICES };

/* What is found, in order. Keys come in lower case. A key of a nested block has the block's name;
 * else `block` is "". A callback that returns false stops the reader, which then fails with
 * LAC_ERR_MEMORY. */
struct lac_profile_visitor {
    bool (*section)(void *context, enum lac_profile_section kind, struct lac_str name);
    bool (*key)(void *context, struct lac_str block, struct lac_str key, struct lac_str value);
    void *context;
};

/* Sections of a config file that are neither [default], [profile x] nor one of the other kinds are
 * skipped, as AWS's tools skip them. Fails as LAC_ERR_INPUT with the line's number, which is all it
 * tells of the line: it may be a secret; as LAC_ERR_LIMIT past LAC_PROFILE_MAX_BYTES. */
bool lac_profile_parse(struct lac_str text, enum lac_profile_kind kind,
                       const struct lac_profile_visitor *visitor, struct lac_error *err);

#endif
