import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { allocatorSettings, availableMemoryBytes, memorySettings } from "./memory-settings";

const GB = 1024 ** 3;

test.each([
  [
    0.25,
    {
      shared_buffers: "128MB",
      work_mem: "4MB",
      maintenance_work_mem: "64MB",
      max_parallel_workers_per_gather: "0",
    },
  ],
  [2, { shared_buffers: "256MB", work_mem: "4MB", maintenance_work_mem: "64MB" }],
  [8, { shared_buffers: "1024MB", work_mem: "16MB", maintenance_work_mem: "256MB" }],
  [256, { shared_buffers: "2048MB", work_mem: "16MB", maintenance_work_mem: "512MB" }],
])("of %d GB, PostgreSQL takes a share within bounds", (gigabytes, expected) => {
  expect(memorySettings(gigabytes * GB)).toMatchObject(expected);
});

test.each([
  [0.25, "16777216", "16777216"],
  [8, "67108864", "33554432"],
])("of %d GB, each of its processes keeps a bounded part for the next report", (gigabytes, kept, mapped) => {
  expect(allocatorSettings(gigabytes * GB)).toEqual({
    MALLOC_TRIM_THRESHOLD_: kept,
    MALLOC_MMAP_THRESHOLD_: mapped,
  });
});

test("the memory is a container's limit, and never more than the machine has", () => {
  expect(availableMemoryBytes()).toBeGreaterThan(0);
  expect(availableMemoryBytes()).toBeLessThanOrEqual(totalmem());
});
