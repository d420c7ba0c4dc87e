import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { BodyLimits } from "#lib/gateway/ports/body-bytes";

/** A body is in memory up to three times while it is read, parsed and sent on. */
const SHARE_OF_MEMORY = 1 / 8;
const BODIES_OF_CALLER = 4;

/**
 * How many bytes of bodies may be in flight: an eighth of the memory that this process may use, and four of the
 * largest bodies for each caller, but no more than half of the whole.
 */
export function bodyLimits(maxBodyBytes: number, memoryBytes = usableMemoryBytes()): BodyLimits {
  const processBytes = Math.max(2 * maxBodyBytes, Math.floor(memoryBytes * SHARE_OF_MEMORY));
  const callerBytes = Math.min(BODIES_OF_CALLER * maxBodyBytes, Math.floor(processBytes / 2));
  return { callerBytes, processBytes };
}

/** The least of the machine's memory, the container's and V8's heap. */
function usableMemoryBytes(): number {
  // 0 if it is unknown.
  const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.min(totalmem(), constrained, getHeapStatistics().heap_size_limit);
}
