/* All subcommands, in the order of the help. */
#include "tools/comesh/command.h"

#define COMMAND_LIST(X)                                                                            \
    X(init)                                                                                        \
    X(card_show)                                                                                   \
    X(card_list)                                                                                   \
    X(card_export)                                                                                 \
    X(card_import)                                                                                 \
    X(card_fingerprint)                                                                            \
    X(card_remove)                                                                                 \
    X(pair)                                                                                        \
    X(key_list)                                                                                    \
    X(key_rotate)                                                                                  \
    X(key_revoke)                                                                                  \
    X(key_new_identity)                                                                            \
    X(key_request)                                                                                 \
    X(key_sign)                                                                                    \
    X(key_import)                                                                                  \
    X(key_prune)                                                                                   \
    X(key_passphrase)                                                                              \
    X(doctor)                                                                                      \
    X(minutes_list)                                                                                \
    X(minutes_import)                                                                              \
    X(partner_list)                                                                                \
    X(partner_test)                                                                                \
    X(audit_show)                                                                                  \
    X(audit_verify)                                                                                \
    X(rest_new)                                                                                    \
    X(rest_add)                                                                                    \
    X(rest_list)                                                                                   \
    X(rest_show)                                                                                   \
    X(rest_remove)                                                                                 \
    X(agreement_new)                                                                               \
    X(agreement_list)                                                                              \
    X(agreement_show)                                                                              \
    X(agreement_diff)                                                                              \
    X(agreement_sign)                                                                              \
    X(agreement_export)                                                                            \
    X(agreement_import)                                                                            \
    X(agreement_compare)                                                                           \
    X(agreement_drop)                                                                              \
    X(status)                                                                                      \
    X(send)                                                                                        \
    X(amend)                                                                                       \
    X(cancel_status)                                                                               \
    X(feedback)                                                                                    \
    X(inbox)                                                                                       \
    X(spool)                                                                                       \
    X(messages)                                                                                    \
    X(queue_retry)                                                                                 \
    X(queue_release)                                                                               \
    X(queue)                                                                                       \
    X(reconcile)                                                                                   \
    X(resend)                                                                                      \
    X(trace)                                                                                       \
    X(show)                                                                                        \
    X(export)                                                                                      \
    X(convert)                                                                                     \
    X(dataset_list)                                                                                \
    X(dataset_show)                                                                                \
    X(dataset_schema)                                                                              \
    X(codes_list)                                                                                  \
    X(codes_show)                                                                                  \
    X(codes_diff)                                                                                  \
    X(codes_import)                                                                                \
    X(menu_list)                                                                                   \
    X(menu_show)                                                                                   \
    X(menu_check)                                                                                  \
    X(menu_coverage)                                                                               \
    X(menu_compare)                                                                                \
    X(menu_propose)                                                                                \
    X(conformance)                                                                                 \
    X(token_new)                                                                                   \
    X(token_list)                                                                                  \
    X(token_revoke)                                                                                \
    X(webhook_key)                                                                                 \
    X(webhook_list)                                                                                \
    X(webhook_dead)                                                                                \
    X(webhook_replay)                                                                              \
    X(metrics)                                                                                     \
    X(reload)                                                                                      \
    X(release)                                                                                     \
    X(stop)                                                                                        \
    X(rebuild)                                                                                     \
    X(verify)                                                                                      \
    X(help)

#define COMMAND_EXTERN(name) extern const struct command command_##name;
COMMAND_LIST(COMMAND_EXTERN)

#define COMMAND_ROW(name) &command_##name,
const struct command *const commands[] = {COMMAND_LIST(COMMAND_ROW)};
const size_t command_count = sizeof commands / sizeof commands[0];
