import { type FieldChange, fieldChanges } from "#components/format/audit-words";
import { cn } from "#components/ui/cn";
import type { AuditTableRow } from "#lib/portal/audit/audit-table";

/** A change, field by field. */
export function ChangeTable({ entry: { before, after } }: { entry: AuditTableRow }) {
  const changes = fieldChanges(before, after);
  if (changes.length === 0) return <p className="text-ink-3 text-xs">No details recorded.</p>;
  const columns = [
    ...(before === null ? [] : [{ of: "before", label: after === null ? "Value" : "Before" } as const]),
    ...(after === null ? [] : [{ of: "after", label: before === null ? "Value" : "After" } as const]),
  ];
  return (
    <table className="w-full table-fixed text-xs">
      <thead>
        <tr className="text-ink-3">
          <th scope="col" className="w-2/5 pr-3 pb-1.5 text-left font-medium sm:w-1/4">
            Field
          </th>
          {columns.map(({ of, label }) => (
            <th key={of} scope="col" className="pr-3 pb-1.5 text-left font-medium">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.field} className="border-t">
            <th scope="row" className="break-words py-1.5 pr-3 text-left align-top font-normal text-ink-2">
              {change.field}
            </th>
            {columns.map(({ of }) => (
              <td key={of} className="break-words py-1.5 pr-3 align-top">
                <Value change={change} of={of} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ change, of }: { change: FieldChange; of: "before" | "after" }) {
  const value = change[of];
  if (value === null) return <span className="text-ink-4">—</span>;
  return (
    <code
      className={cn(
        "whitespace-pre-wrap font-mono",
        of === "before" && change.after !== null ? "text-ink-3" : "text-ink",
      )}
    >
      {value}
    </code>
  );
}
