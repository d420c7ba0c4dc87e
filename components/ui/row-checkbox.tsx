type Props = { name: string; value?: string; label: string };

/** Selects a row of a table, above the link of that row. A plain element, as a long table has many. */
export const RowCheckbox = ({ name, value, label }: Props) => (
  <label className="-m-2 relative z-10 flex cursor-pointer p-2">
    <input
      type="checkbox"
      name={name}
      value={value}
      aria-label={label}
      autoComplete="off"
      className="size-4 cursor-pointer accent-accent"
    />
  </label>
);
