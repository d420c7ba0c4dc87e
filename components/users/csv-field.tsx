"use client";

import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { fieldId, useFieldError } from "#components/fields/field-errors";
import { Button } from "#components/ui/button";
import { cn } from "#components/ui/cn";
import { Field } from "#components/ui/field";
import { controlClasses } from "#components/ui/input";

type Props = { value: string; onChange: (text: string) => void };

const EXAMPLE = "email,name,role,payment_valid_until\nada@example.com,Ada Lovelace,member,2027-12-31";

/** CSV text, pasted or from a file, which stays in the browser until the form is sent. */
export function CsvField({ value, onChange }: Props) {
  const file = useRef<HTMLInputElement>(null);
  const [name, setName] = useState<string | null>(null);
  return (
    <Field
      id={fieldId("users")}
      label="CSV"
      error={useFieldError("users")}
      hint={
        <>
          The first line names the columns: <code className="font-mono">email</code>,{" "}
          <code className="font-mono">external_id</code>, <code className="font-mono">name</code>,{" "}
          <code className="font-mono">role</code>, <code className="font-mono">payment_valid_until</code>,{" "}
          <code className="font-mono">budget_limit_usd</code>,{" "}
          <code className="font-mono">budget_period</code>, <code className="font-mono">organization_id</code>
          , <code className="font-mono">metadata.NAME</code>. Empty cells change nothing. At most 1,000 rows.
        </>
      }
    >
      {(wiring) => (
        <div className="flex flex-col gap-2">
          <div className="flex min-w-0 items-center gap-2">
            <Button onClick={() => file.current?.click()}>
              <FileUp aria-hidden="true" />
              Choose file
            </Button>
            <span className="min-w-0 truncate text-ink-3 text-xs">{name ?? "or paste its text below"}</span>
            <input
              ref={file}
              type="file"
              accept=".csv,text/csv,text/plain"
              aria-label="CSV file"
              className="hidden"
              onChange={async ({ target }) => {
                const [chosen] = target.files ?? [];
                if (chosen === undefined) return;
                const text = await chosen.text();
                setName(chosen.name);
                onChange(text);
                // The same file, once edited, can be chosen again.
                target.value = "";
              }}
            />
          </div>
          <textarea
            {...wiring}
            rows={8}
            spellCheck={false}
            wrap="off"
            placeholder={EXAMPLE}
            value={value}
            onChange={(event) => {
              setName(null);
              onChange(event.target.value);
            }}
            className={cn(
              controlClasses,
              "h-auto resize-y overflow-auto py-2 font-mono text-xs placeholder:text-ink-3",
            )}
          />
        </div>
      )}
    </Field>
  );
}
