import type { Books } from "./books";
import type { Changes } from "./changes";
import type { Traffic } from "./clients";
import type { Disruptions } from "./disruptions";
import type { Polls } from "./polls";

export type Setting = { seed: number; seconds: number; gateways: number; clients: number };
export type Outcome = {
  traffic: Traffic;
  disruptions: Disruptions["counts"];
  changes: Changes["counts"];
  polls: Polls["counts"];
  books: Books;
};

const LABEL_WIDTH = 13;

/** The run in a dozen lines. */
export function summary(setting: Setting, { traffic, disruptions, changes, polls, books }: Outcome): string {
  const { raised, lowered, removed, blocked, periods, concurrency, adjustments } = changes;
  const answers = [...traffic.answers]
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, times]) => `${count(times)} ${what}`);
  const lines: [string, string][] = [
    [
      "run",
      `${setting.gateways} gateways, ${setting.clients} clients, ${setting.seconds} s, seed ${setting.seed}`,
    ],
    [
      "requests",
      `${count(traffic.sent)} sent, ${count(traffic.streamed)} of them streams; ${count(traffic.hungUp)} left by their clients, ${count(traffic.lost)} cut off with their gateway`,
    ],
    ["answers", answers.join(", ")],
    [
      "disruptions",
      `${disruptions.killed} gateways killed (-9), ${disruptions.frozen} frozen beyond their lease, ${disruptions.restarted} restarted; PostgreSQL stopped ${disruptions.database} times (-m immediate)`,
    ],
    [
      "changes",
      `budgets ${raised} times raised, ${lowered} lowered, ${removed} removed, ${blocked} set to 0, ${periods} given another period; ${concurrency} limits on concurrency, ${adjustments} adjustments`,
    ],
    [
      "polls",
      `${count(polls.polls)}, of ${count(polls.budgets)} budgets and ${count(polls.concurrency)} limits on concurrency: no grant above a limit`,
    ],
    [
      "ledger",
      `${count(books.rows)} rows: ${books.byStatus.map(({ status, rows }) => `${count(rows)} ${status}`).join(", ")}; ${count(books.replayed)} from a journal, ${count(books.late)} settled after a sweep; none held`,
    ],
    [
      "money",
      `$${books.costUsd} in the ledger, and to the last digit the same in ${count(books.counters)} counters and in the hourly rollup; $${books.overrunUsd} overrun`,
    ],
    ["provider", `saw ${count(books.providerSaw)} requests: each has one row`],
    ["clients", `saw ${count(books.seenWhole)} whole answers: each is billed, at the price they were told`],
  ];
  return `\n${lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`).join("\n")}\n`;
}

const count = (n: number) => n.toLocaleString("en").replaceAll(",", " ");
