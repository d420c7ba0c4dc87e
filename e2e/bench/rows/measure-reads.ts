import type { Read, Reader } from "./reads";

/** A read and the median time of a warm one; null if it did not answer 200. */
export type Measured = Read & { medianMs: number | null; status: number };

/** How a reader asks. @returns the status, once the answer, or its first byte, is there */
export type Ask = (path: string, firstByte: boolean) => Promise<number>;

const CALLS = 5;
/** A read that takes longer is measured once more, not five times. */
const PATIENCE_MS = 2000;

/** Measures one read after the other: how long each takes is PostgreSQL's time for one question, not a throughput. */
export async function measureReads(
  reads: readonly Read[],
  askers: Readonly<Record<Reader, Ask>>,
  report: (step: string) => void,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  let section = "";
  for (const read of reads) {
    if (read.section !== section) report(read.section);
    section = read.section;
    measured.push({ ...read, ...(await measureOne(read, askers[read.reader])) });
  }
  return measured;
}

async function measureOne(
  { path, firstByte, name }: Read,
  ask: Ask,
): Promise<Pick<Measured, "medianMs" | "status">> {
  const timesMs: number[] = [];
  for (let call = 0; call <= CALLS; call++) {
    const startedAt = performance.now();
    const status = await ask(path, firstByte ?? false);
    const tookMs = performance.now() - startedAt;
    if (status !== 200 && !(status === 404 && name.endsWith("unknown"))) return { medianMs: null, status };
    // The first call warms up.
    if (call > 0) timesMs.push(tookMs);
    if (call > 0 && tookMs > PATIENCE_MS) break;
  }
  return { medianMs: timesMs.sort((a, b) => a - b)[timesMs.length >> 1] ?? null, status: 200 };
}

export const isMissed = ({ medianMs, barMs }: Measured): boolean =>
  barMs !== null && (medianMs === null || medianMs > barMs);

/** Formats a Markdown table for each section; a time above its bar is bold. */
export function readTables(measured: readonly Measured[]): string {
  const sections = [...new Set(measured.map(({ section }) => section))];
  return sections.map((section) => tableOf(measured.filter((read) => read.section === section))).join("\n\n");
}

function tableOf(reads: readonly Measured[]): string {
  const columns = [...new Set(reads.map(({ column }) => column ?? "ms"))];
  const names = [...new Set(reads.map(({ name }) => name))];
  const lines = names.map((name) => {
    const cells = columns.map((column) =>
      cellOf(reads.find((read) => read.name === name && (read.column ?? "ms") === column)),
    );
    const bar = reads.find((read) => read.name === name)?.barMs;
    return `| ${[name, ...cells, bar ?? ""].join(" | ")} |`;
  });
  return [
    `| ${[reads[0]?.section, ...columns, "bar"].join(" | ")} |`,
    `|---|${"--:|".repeat(columns.length + 1)}`,
    ...lines,
  ].join("\n");
}

function cellOf(read: Measured | undefined): string {
  if (read === undefined) return "";
  const text = read.medianMs === null ? `status ${read.status}` : read.medianMs.toFixed(0);
  return isMissed(read) ? `**${text}**` : text;
}
