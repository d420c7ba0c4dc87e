import {
  bearer,
  isBudgeted,
  LABELS,
  processOf,
  type Surroundings,
  startTarget,
  type Target,
  type TargetId,
} from "./targets";

/**
 * Starts the targets in order. A budgeted target uses the process of the other one with a different key, so that only the
 * budgets differ; the empty one shares a process, too.
 * @param run `report` is called with each step; `undo` collects the steps that stop the targets
 * @returns the started targets, and a line for each that failed to start
 */
export async function startTargets(
  ids: readonly TargetId[],
  surroundings: Surroundings,
  run: { report: (step: string) => void; undo: (() => unknown)[] },
): Promise<{ targets: Target[]; absent: string[] }> {
  const targets: Target[] = [];
  const absent: string[] = [];
  for (const id of ids) {
    const shared = processOf(id);
    if (shared !== id) {
      const running = targets.find((target) => target.id === shared);
      const headers = isBudgeted(id) ? bearer(surroundings.tollgate.budgetedApiKey) : {};
      if (running) targets.push({ ...running, id, headers });
      continue;
    }
    run.report(`starting ${LABELS[id]}`);
    try {
      const target = await startTarget(id, surroundings);
      targets.push(target);
      run.undo.push(target.stop);
    } catch (error) {
      absent.push(`${LABELS[id]} was not measured: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { targets, absent };
}
