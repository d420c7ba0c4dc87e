import { byName } from "#lib/providers/by-name";

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
  /** What tells it not to think: nothing if it only thinks when it is told to; null if it always thinks. */
  off: "nothing" | "disabled" | "between_tools" | null;
  /** Whether it can be made to use a tool. */
  canBeForced: boolean;
};

const SINCE_4_6 = ["low", "medium", "high", "max"] as const;
const SINCE_4_7 = ["low", "medium", "high", "xhigh", "max"] as const;

type Version = readonly [major: number, minor: number];

const UNTHINKING = { off: "nothing", canBeForced: true } as const;

/** From a version on, the latest first (platform.claude.com/docs/en/about-claude/models/overview). */
const VERSIONS: readonly (readonly [Version, ClaudeTraits])[] = [
  [
    [5, 0],
    {
      thinking: "adaptive",
      efforts: SINCE_4_7,
      sampling: "none",
      hasSchemas: true,
      off: "disabled",
      canBeForced: true,
    },
  ],
  [[4, 7], { thinking: "adaptive", efforts: SINCE_4_7, sampling: "none", hasSchemas: true, ...UNTHINKING }],
  [[4, 6], { thinking: "adaptive", efforts: SINCE_4_6, sampling: "one", hasSchemas: true, ...UNTHINKING }],
  [[4, 5], { thinking: "budget", efforts: [], sampling: "one", hasSchemas: true, ...UNTHINKING }],
  [[4, 1], { thinking: "budget", efforts: [], sampling: "one", hasSchemas: false, ...UNTHINKING }],
  [[3, 7], { thinking: "budget", efforts: [], sampling: "all", hasSchemas: false, ...UNTHINKING }],
  [[0, 0], { thinking: "none", efforts: [], sampling: "all", hasSchemas: false, ...UNTHINKING }],
];
/**
 * What some models of a version do not take, the first that matches
 * (platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5, …/sonnet-5-5/whats-new-sonnet-5-5,
 * …/fable-5/migration-guide).
 */
const EXCEPTIONS: readonly (readonly [RegExp, Partial<ClaudeTraits>])[] = [
  [/sonnet-5[.-]5(?!\d)/, { off: "between_tools", canBeForced: false }],
  [/(?:opus-5[.-]5|(?:fable|mythos)-5[.-][1-9])(?!\d)/, { off: null, canBeForced: false }],
  [/(?:fable|mythos)-5/, { off: null }],
];
/** Other makers' models, on servers that speak the dialect. */
const OTHERS: ClaudeTraits = {
  thinking: "budget",
  efforts: [],
  sampling: "all",
  hasSchemas: true,
  ...UNTHINKING,
};

/** `claude-opus-4-6`, `claude-3-7-sonnet`, `claude-sonnet-5`, with a date or a region or without. */
const NAME = /claude-(?:[a-z]+-)?(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)/;

/** What a model takes, by its name. */
export const claudeTraits = byName((model): ClaudeTraits => {
  const [, major, minor = "0"] = NAME.exec(model) ?? [];
  if (major === undefined) return /claude/.test(model) ? CLAUDE_WITHOUT_VERSION : OTHERS;
  const version = [Number(major), Number(minor)] as const;
  const traits = VERSIONS.find(([since]) => isSince(version, since))?.[1] ?? OTHERS;
  return { ...traits, ...EXCEPTIONS.find(([names]) => names.test(model))?.[1] };
});

const isSince = ([major, minor]: Version, [sinceMajor, sinceMinor]: Version): boolean =>
  major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);

/** An alias, such as `claude-opus-latest`, is a new model. */
const CLAUDE_WITHOUT_VERSION: ClaudeTraits = {
  thinking: "adaptive",
  efforts: SINCE_4_7,
  sampling: "none",
  hasSchemas: true,
  // The newest may not take «disabled».
  off: null,
  canBeForced: true,
};
