"use client";

import { RadioGroup } from "radix-ui";
import { Checkbox } from "#components/ui/checkbox";
import { cn } from "#components/ui/cn";
import { fieldId, useFieldError } from "./field-errors";

type Props = {
  /** The entity that the models are for: "key". */
  noun: string;
  models: readonly string[];
  /** Null allows every model. */
  value: string[] | null;
  onChange: (value: string[] | null) => void;
};

const CHOICES = [
  { value: "all", label: "All models", hint: "Including future models" },
  { value: "some", label: "Selected models", hint: "Choose them below" },
] as const;

const ID = fieldId("allowed_models");

export function AllowedModelsField({ noun, models, value, onChange }: Props) {
  const error = useFieldError("allowed_models");
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-ink text-sm">Models</legend>
      <RadioGroup.Root
        value={value === null ? "all" : "some"}
        onValueChange={(choice) => onChange(choice === "all" ? null : [])}
        aria-label="Models"
        className="grid grid-cols-2 gap-2"
      >
        {CHOICES.map((choice) => (
          <RadioGroup.Item
            key={choice.value}
            value={choice.value}
            className={cn(
              "rounded-md border border-line-strong px-3 py-2 text-left text-sm transition-colors hover:border-control",
              "data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft",
            )}
          >
            <span className="block font-medium text-ink">{choice.label}</span>
            <span className="block text-ink-2 text-xs">{choice.hint}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {value === null ? null : (
        <fieldset
          id={ID}
          aria-label="Allowed models"
          aria-describedby={error ? `${ID}-error` : undefined}
          className="max-h-44 overflow-y-auto rounded-md border border-line-strong p-1"
        >
          {models.length === 0 ? (
            <p className="px-2 py-1.5 text-ink-3 text-sm">No models yet.</p>
          ) : (
            models.map((model) => (
              <Checkbox
                key={model}
                label={model}
                checked={value.includes(model)}
                onCheckedChange={(checked) =>
                  onChange(checked === true ? [...value, model] : value.filter((other) => other !== model))
                }
              />
            ))
          )}
        </fieldset>
      )}
      {error ? (
        <p id={`${ID}-error`} className="text-danger text-xs">
          {error}
        </p>
      ) : value?.length === 0 ? (
        <p className="text-ink-3 text-xs">This {noun} has no allowed models.</p>
      ) : null}
    </fieldset>
  );
}
