import type { ReactNode } from 'react';

/** Says why there is nothing to see here, and what would change that. */
export const Notice = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) => (
  <div className="notice" role="status">
    <h2>{title}</h2>
    {children}
  </div>
);
