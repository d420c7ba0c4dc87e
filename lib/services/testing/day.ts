/** The UTC day `offset` days from today: "2026-01-31". */
export const day = (offset: number): string =>
  new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
