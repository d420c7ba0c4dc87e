/** Counts the turns that others get, until it is stopped. */
export function countTurns(): { turns: () => number; stop: () => void } {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  return {
    turns: () => turns,
    stop: () => {
      isOver = true;
    },
  };
}
