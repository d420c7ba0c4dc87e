const STEPS = [1, 2, 2.5, 5, 10];
const INTERVALS = 4;

/**
 * Round figures from zero to at least `most`, in two to four equal steps: 0, 500, 1000, 1500.
 * @param whole for counts: whole numbers only
 */
export function axisTicks(most: number, whole: boolean): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / INTERVALS;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const fitting = STEPS.find((step) => step * magnitude >= rough * 0.999) ?? 10;
  const step = whole ? Math.max(1, Math.ceil(fitting * magnitude)) : fitting * magnitude;
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  // Multiplied rather than added, because 0.1 + 0.2 is not 0.3.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
