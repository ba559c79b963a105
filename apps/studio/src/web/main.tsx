import { createRoot } from 'react-dom/client';

import { App } from './app/app.js';
import { SourceProvider } from './app/source-context.js';
import { startTheme } from './app/theme.js';
import { embeddedSource, isExported } from './source/embedded-source.js';
import { httpSource } from './source/http-source.js';
import 'uplot/dist/uPlot.min.css';
import './styles/colours.css';
import './styles/base.css';
import './styles/lists.css';
import './styles/charts.css';
import './styles/tree.css';
import './styles/turn.css';

startTheme();
createRoot(document.getElementById('root')!).render(
  <SourceProvider value={isExported() ? embeddedSource() : httpSource()}>
    <App />
  </SourceProvider>,
);
