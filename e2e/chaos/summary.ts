import type { Changes } from "./changes";
import type { LedgerTotals } from "./check-ledger";
import type { Traffic } from "./clients";
import type { Disruptions } from "./disruptions";
import type { HostileClients, HostileTraffic } from "./hostile/clients";
import type { Attacked } from "./hostile/true-spend";
import type { Polls } from "./polls";

export type Setting = { seed: number; seconds: number; gateways: number; clients: number };
export type Outcome = {
  traffic: Traffic;
  disruptions: Disruptions["counts"];
  changes: Changes["counts"];
  polls: Polls["counts"];
  totals: LedgerTotals;
  hostile: HostileClients["traffic"];
  attacked: readonly Attacked[];
};

const LABEL_WIDTH = 15;

/** Summarizes the run in a few lines. */
export function summary(setting: Setting, outcome: Outcome): string {
  const { traffic, disruptions, changes, polls, totals, hostile, attacked } = outcome;
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
      `${count(traffic.sent)} sent, ${count(traffic.streamed)} of them streams; ${count(traffic.disconnected)} aborted by clients, ${count(traffic.lost)} lost with a killed gateway`,
    ],
    ["answers", answers.join(", ")],
    [
      "disruptions",
      `${disruptions.killed} gateways killed (-9), ${disruptions.frozen} frozen beyond their lease, ${disruptions.restarted} restarted; PostgreSQL stopped ${disruptions.database} times (-m immediate)`,
    ],
    [
      "changes",
      `budgets: ${raised} raised, ${lowered} lowered, ${removed} removed, ${blocked} set to 0, ${periods} moved to another period; ${concurrency} concurrency limits, ${adjustments} adjustments`,
    ],
    [
      "polls",
      `${count(polls.polls)} polls of ${count(polls.budgets)} budgets and ${count(polls.concurrency)} concurrency limits: no grant above a limit`,
    ],
    [
      "ledger",
      `${count(totals.rows)} rows: ${totals.byStatus.map(({ status, rows }) => `${count(rows)} ${status}`).join(", ")}; ${count(totals.replayed)} from a journal, ${count(totals.late)} settled after a sweep; none held`,
    ],
    [
      "money",
      `$${totals.costUsd} in the ledger, equal to the last digit in ${count(totals.counters)} counters and in the hourly rollup; $${totals.overrunUsd} overrun`,
    ],
    ["provider", `received ${count(totals.providerRequests)} requests: each has one row`],
    [
      "clients",
      `received ${count(totals.wholeAnswers)} whole answers: each is billed at the cost that the client received`,
    ],
    ...attacked.map((one): [string, string] => [one.attack, attackLine(hostile[one.attack], one)]),
  ];
  return `\n${lines.map(([label, text]) => `  ${label.padEnd(LABEL_WIDTH)}${text}`).join("\n")}\n`;
}

/** What an attack sent, and that its provider billed no more than what was charged. */
function attackLine({ sent, hungUp, answers }: HostileTraffic, attacked: Attacked): string {
  const answered = answers.get("200") ?? 0;
  const unknown =
    attacked.sweptShortUsd === "0" ? "" : `, besides $${attacked.sweptShortUsd} that sweeps did not know of`;
  return `${count(sent)} requests, ${count(answered)} answered, ${count(hungUp)} hung up: the provider billed $${attacked.trueUsd}, the ledger charged $${attacked.chargedUsd}; no budget overspent${unknown}`;
}

const count = (n: number) => n.toLocaleString("en").replaceAll(",", " ");
