// Rules as JSON: no module of the document, so that it can be tested alone.

/** Whether `rule` is a group or a negation, which have no result of their own in a preview. */
export const isGroup = rule => rule !== null && typeof rule === 'object' && (Array.isArray(rule.all) || Array.isArray(rule.any))
export const isNot = rule => rule !== null && typeof rule === 'object' && !Array.isArray(rule) && rule.type === undefined && rule.not !== undefined

/** The conditions of a rule in document order, each with its path: `[{ path, condition }]`. */
export function leavesOf(rule, path = 'rule') {
  if (isNot(rule)) return leavesOf(rule.not, `${path}.not`)
  if (!isGroup(rule)) return [{ path, condition: rule }]
  const name = rule.all ? 'all' : 'any'
  return rule[name].flatMap((part, index) => leavesOf(part, `${path}.${name}[${index}]`))
}

/** A text that is equal for equal JSON, whatever the order of members. */
export const canonical = value => JSON.stringify(value, (_, part) =>
  part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1)) : part)

/** Replaces references to segments by their rules, as the service does, up to its depth of 3. `ruleOf(id)` is undefined for an unknown one. */
export function expand(rule, ruleOf, chain = []) {
  if (isNot(rule)) return { not: expand(rule.not, ruleOf, chain) }
  if (isGroup(rule)) {
    const name = rule.all ? 'all' : 'any'
    return { [name]: rule[name].map(part => expand(part, ruleOf, chain)) }
  }
  const id = rule?.type === 'segment' ? rule.segment_id : undefined
  const referred = id === undefined || chain.length === 3 || chain.includes(id) ? undefined : ruleOf(id)
  return referred === undefined ? rule : expand(referred, ruleOf, [...chain, id])
}

/**
 * Computes the preview of `rule` from that of another rule with the same conditions, or more, in any order and in any groups.
 * `previous` is `{ rule, answer }`. Both rules are without references. Returns `{ count, users, conditions }`, or null if a new query is
 * necessary.
 */
export function recombine(previous, rule) {
  const count = counterOf(previous, rule)
  if (count === null) return null
  const { answer } = previous
  return {
    count: count(),
    users: answer.users,
    conditions: count.bits.map((bit, index) => ({ ...answer.conditions[bit], path: leavesOf(rule)[index].path, without_it: count(index) })),
  }
}

/** The number of users whom each group below the root and each reference matches: `[{ path, users }]`. `expandRule(rule)` replaces references. */
export function partsOf(previous, rule, expandRule, path = 'rule') {
  if (isNot(rule)) return partsOf(previous, rule.not, expandRule, `${path}.not`)
  const own = () => {
    const count = counterOf(previous, expandRule(rule))
    return count === null ? [] : [{ path, users: count() }]
  }
  if (!isGroup(rule)) return rule?.type === 'segment' ? own() : []
  const name = rule.all ? 'all' : 'any'
  return [...path === 'rule' ? [] : own(), ...rule[name].flatMap((part, index) => partsOf(previous, part, expandRule, `${path}.${name}[${index}]`))]
}

/** A function that counts the users of a rule, without the condition at an index if one is given; null if a new query is necessary. */
function counterOf(previous, rule) {
  const { answer } = previous
  const positions = answer.patterns && !answer.patterns_left_out ? positionsOf(previous) : null
  const bits = positions === null ? [] : leavesOf(rule).map(({ condition }) => positions.get(canonical(condition)))
  if (bits.length === 0 || bits.includes(undefined)) return null
  const patterns = completed(answer)
  const count = left => patterns.reduce((sum, { bits: pattern, users }) => evaluate(rule, index => pattern[bits[index]] === '1', left) ? sum + users : sum, 0)
  return Object.assign(count, { bits })
}

/** What the previous preview found of those conditions that `rule` has, too. */
export function figuresOf({ rule: before, answer }, rule) {
  const paths = new Map(leavesOf(before).map(({ path, condition }) => [path, canonical(condition)]))
  const found = new Map(answer.conditions.map(({ path, users, unset, other_type }) => [paths.get(path), { users, unset, other_type }]))
  const conditions = leavesOf(rule).map(({ path, condition }) => ({ path, ...found.get(canonical(condition)) }))
  return { users: answer.users, conditions: conditions.filter(({ users }) => users !== undefined) }
}

/** The position of each condition's bit; null if the answer's conditions are not those of its rule. */
function positionsOf({ rule, answer }) {
  const places = new Map(answer.conditions.map(({ path }, index) => [path, index]))
  const leaves = leavesOf(rule)
  if (leaves.length !== places.size || leaves.some(({ path }) => !places.has(path))) return null
  return new Map(leaves.map(({ path, condition }) => [canonical(condition), places.get(path)]))
}

/** The patterns, with one for the users that are in none of them: they match no condition. */
function completed({ patterns, users, conditions }) {
  const rest = users - patterns.reduce((sum, pattern) => sum + pattern.users, 0)
  return rest > 0 ? [...patterns, { bits: '0'.repeat(conditions.length), users: rest }] : patterns
}

/**
 * Whether the rule matches, where `matches(index)` tells it of each condition. The condition `left` counts as left out, and with it
 * the groups that only hold it. A rule without a condition matches every user.
 */
export function evaluate(rule, matches, left = -1) {
  let next = 0
  const of = part => {
    if (isNot(part)) {
      const inner = of(part.not)
      return inner === null ? null : !inner
    }
    if (!isGroup(part)) {
      const index = next++
      return index === left ? null : matches(index)
    }
    const results = (part.all ?? part.any).map(of).filter(result => result !== null)
    if (results.length === 0) return null
    return part.all ? results.every(Boolean) : results.some(Boolean)
  }
  return of(rule) ?? true
}

/** Whether `path` lies at or below `base`. */
export const isWithin = (path, base) => path === base || path.startsWith(`${base}.`) || path.startsWith(`${base}[`)
