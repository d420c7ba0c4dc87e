/** Steps that clean up after a program; they run last first, also when it is interrupted. */
export type UndoSteps = { push: (step: () => unknown) => void; runAll: () => Promise<void> };

export function undoSteps(): UndoSteps {
  const steps: (() => unknown)[] = [];
  const runAll = async () => {
    for (let step = steps.pop(); step; step = steps.pop()) await step();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void runAll().finally(() => process.exit(130)));
  }
  return { push: (step) => void steps.push(step), runAll };
}
