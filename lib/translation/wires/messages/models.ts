/** What a model of Anthropic's takes. */
export type ClaudeTraits = {
  /** How it is told to think: with a number of tokens, or as much as it finds fit at an effort. */
  thinking: "budget" | "adaptive" | "none";
  /** The efforts that it knows, in their order. */
  efforts: readonly ("low" | "medium" | "high" | "xhigh" | "max")[];
  /** Which settings of the sampling it takes: all, not both temperature and top_p, or none of its own. */
  sampling: "all" | "one" | "none";
  /** Whether answers and arguments can be bound to a schema. */
  hasSchemas: boolean;
};

const SINCE_4_6 = ["low", "medium", "high", "max"] as const;
const SINCE_4_7 = ["low", "medium", "high", "xhigh", "max"] as const;

type Version = readonly [major: number, minor: number];

/** From a version on, the latest first (platform.claude.com/docs/en/about-claude/models/overview). */
const VERSIONS: readonly (readonly [Version, ClaudeTraits])[] = [
  [[4, 7], { thinking: "adaptive", efforts: SINCE_4_7, sampling: "none", hasSchemas: true }],
  [[4, 6], { thinking: "adaptive", efforts: SINCE_4_6, sampling: "one", hasSchemas: true }],
  [[4, 5], { thinking: "budget", efforts: [], sampling: "one", hasSchemas: true }],
  [[4, 1], { thinking: "budget", efforts: [], sampling: "one", hasSchemas: false }],
  [[3, 7], { thinking: "budget", efforts: [], sampling: "all", hasSchemas: false }],
  [[0, 0], { thinking: "none", efforts: [], sampling: "all", hasSchemas: false }],
];
/** Other makers' models, on servers that speak the dialect. */
const OTHERS: ClaudeTraits = { thinking: "budget", efforts: [], sampling: "all", hasSchemas: true };

/** `claude-opus-4-6`, `claude-3-7-sonnet`, `claude-sonnet-5`, with a date or a region or without. */
const NAME = /claude-(?:[a-z]+-)?(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)/;

/** What a model takes, by its name. */
export function claudeTraits(model: string): ClaudeTraits {
  const [, major, minor = "0"] = NAME.exec(model) ?? [];
  if (major === undefined) return /claude/.test(model) ? CLAUDE_WITHOUT_VERSION : OTHERS;
  const version = [Number(major), Number(minor)] as const;
  return VERSIONS.find(([since]) => isSince(version, since))?.[1] ?? OTHERS;
}

const isSince = ([major, minor]: Version, [sinceMajor, sinceMinor]: Version): boolean =>
  major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);

/** An alias, such as `claude-opus-latest`, is a new model. */
const CLAUDE_WITHOUT_VERSION: ClaudeTraits = {
  thinking: "adaptive",
  efforts: SINCE_4_7,
  sampling: "none",
  hasSchemas: true,
};
