"use client";

import { ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { cn } from "#components/ui/cn";
import { Tr } from "#components/ui/table";

type Props = {
  /** What the row is about; with details, it opens and closes them. */
  reason: string;
  code: string;
  firstCell: ReactNode;
  cells: ReactNode;
  columns: number;
  /** Null if there are none. */
  details: ReactNode | null;
};

/** A row of the rejections, which opens to show the last requests. */
export function RejectionRow({ reason, code, firstCell, cells, columns, details }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <Tr className={cn(isOpen && "border-b-0")}>
        <td className="max-w-60 py-2.5 pr-3 pl-4 align-middle md:max-w-80 2xl:max-w-96">
          {details === null ? (
            <span className="block truncate pl-5 font-medium text-ink" title={code}>
              {reason}
            </span>
          ) : (
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setOpen(!isOpen)}
              className="flex max-w-full items-center gap-1.5 rounded-xs text-left font-medium text-ink"
              title={code}
            >
              <ChevronRight
                className={cn("size-3.5 shrink-0 text-ink-3 transition-transform", isOpen && "rotate-90")}
                aria-hidden="true"
              />
              <span className="truncate">{reason}</span>
            </button>
          )}
          <div className="pl-5">{firstCell}</div>
        </td>
        {cells}
      </Tr>
      {isOpen ? (
        <Tr id={id}>
          <td colSpan={columns} className="px-4 pt-0 pb-4 sm:pl-9">
            {details}
          </td>
        </Tr>
      ) : null}
    </>
  );
}
