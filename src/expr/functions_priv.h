/* The functions of the table, by the file they stand in. Each gets arguments of the declared number
 * and types. */
#ifndef EXPR_FUNCTIONS_PRIV_H
#define EXPR_FUNCTIONS_PRIV_H

struct call;
struct value;

/* func_number.c */
const struct value *fn_abs(struct call *c);
const struct value *fn_avg(struct call *c);
const struct value *fn_ceil(struct call *c);
const struct value *fn_floor(struct call *c);
const struct value *fn_sum(struct call *c);
const struct value *fn_to_number(struct call *c);

/* func_list.c, func_order.c */
const struct value *fn_contains(struct call *c);
const struct value *fn_join(struct call *c);
const struct value *fn_length(struct call *c);
const struct value *fn_map(struct call *c);
const struct value *fn_max(struct call *c);
const struct value *fn_max_by(struct call *c);
const struct value *fn_min(struct call *c);
const struct value *fn_min_by(struct call *c);
const struct value *fn_one(struct call *c);
const struct value *fn_reverse(struct call *c);
const struct value *fn_sort(struct call *c);
const struct value *fn_sort_by(struct call *c);
const struct value *fn_to_array(struct call *c);
const struct value *fn_zip(struct call *c);

/* func_whole.c */
const struct value *fn_covers(struct call *c);
const struct value *fn_difference(struct call *c);
const struct value *fn_json_pointer(struct call *c);
const struct value *fn_pick(struct call *c);
const struct value *fn_unique(struct call *c);

/* func_object.c */
const struct value *fn_from_items(struct call *c);
const struct value *fn_group_by(struct call *c);
const struct value *fn_items(struct call *c);
const struct value *fn_keys(struct call *c);
const struct value *fn_merge(struct call *c);
const struct value *fn_values(struct call *c);

/* func_text.c, func_case.c */
const struct value *fn_ends_with(struct call *c);
const struct value *fn_find_first(struct call *c);
const struct value *fn_find_last(struct call *c);
const struct value *fn_lower(struct call *c);
const struct value *fn_pad_left(struct call *c);
const struct value *fn_pad_right(struct call *c);
const struct value *fn_replace(struct call *c);
const struct value *fn_split(struct call *c);
const struct value *fn_starts_with(struct call *c);
const struct value *fn_trim(struct call *c);
const struct value *fn_trim_left(struct call *c);
const struct value *fn_trim_right(struct call *c);
const struct value *fn_upper(struct call *c);

/* func_data.c */
const struct value *fn_base64(struct call *c);
const struct value *fn_base64_decode(struct call *c);
const struct value *fn_parse_csv(struct call *c);
const struct value *fn_parse_json(struct call *c);
const struct value *fn_parse_yaml(struct call *c);
const struct value *fn_to_json(struct call *c);
const struct value *fn_to_string(struct call *c);
const struct value *fn_url_encode(struct call *c);

/* func_regex.c */
const struct value *fn_capture(struct call *c);
const struct value *fn_matches(struct call *c);
const struct value *fn_replace_regex(struct call *c);

/* func_state.c */
const struct value *fn_always(struct call *c);
const struct value *fn_failed(struct call *c);
const struct value *fn_succeeded(struct call *c);
const struct value *fn_not_null(struct call *c);
const struct value *fn_type(struct call *c);

/* func_time.c */
const struct value *fn_now(struct call *c);
const struct value *fn_epoch(struct call *c);
const struct value *fn_format_time(struct call *c);

#endif
