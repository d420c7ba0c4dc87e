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
 * Starts the targets in their order. A budgeted one is the running target itself, asked by the key that has
 * budgets, so that nothing but the budgets is different; and so is the one that is asked for nothing.
 * @param run `say` hears what is started; what stops it is pushed to `undo`
 * @returns what could be started, and a line for each that could not
 */
export async function startTargets(
  ids: readonly TargetId[],
  surroundings: Surroundings,
  run: { say: (step: string) => void; undo: (() => unknown)[] },
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
    run.say(`starting ${LABELS[id]}`);
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
