(() => {
const root = document.documentElement, toggle = document.getElementById('th');
if (toggle) {
  toggle.hidden = false;
  toggle.onclick = () => {
    const dark = root.classList.contains('dark') || (!root.classList.contains('light') && matchMedia('(prefers-color-scheme:dark)').matches);
    root.classList.remove('dark', 'light');
    root.classList.add(dark ? 'light' : 'dark');
  };
}
const units = {'µs': 1e-6, ms: 1e-3, s: 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9};
const valueOf = cell => {
  const text = (cell.firstChild ? cell.firstChild.textContent : '').replace(/,/g, '').replace(/^[≥≤] /, '');
  const minutes = /^(?:(\d+):)?(\d+):(\d+)/.exec(text);
  if (minutes) return (minutes[1] || 0) * 3600 + minutes[2] * 60 + +minutes[3];
  const parts = /^(-?[\d.]+) ?(µs|ms|s|B|kB|MB|GB)?/.exec(text);
  return parts ? parts[1] * (units[parts[2]] || 1) : NaN;
};
document.querySelectorAll('#labels table').forEach(table => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      heads.forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      for (const body of table.tBodies) {
        const rows = [...body.rows].map(row => [row, valueOf(row.cells[column]), row.cells[column].textContent]);
        rows.sort((a, b) => {
          if (column === 0) return down ? a[2].localeCompare(b[2], 'en') : b[2].localeCompare(a[2], 'en');
          if (isNaN(a[1]) || isNaN(b[1])) return isNaN(a[1]) - isNaN(b[1]);
          return down ? b[1] - a[1] : a[1] - b[1];
        });
        body.append(...rows.map(row => row[0]));
      }
    };
  });
});
const block = document.getElementById('d'), line = document.getElementById('read');
if (!block || !line) return;
const data = JSON.parse(block.textContent), last = data.u.length - 1;
const plots = [...document.querySelectorAll('.pa.tc')], hint = [...line.childNodes];
line.hidden = false;
let bin = -1;
const clock = s => (s >= 3600 ? Math.floor(s / 3600) + ':' + String(Math.floor(s / 60) % 60).padStart(2, '0') : Math.floor(s / 60)) + ':' + String(s % 60).padStart(2, '0');
const time = v => v == null ? '–' : v < 1000 ? +v.toPrecision(3) + ' ms' : +(v / 1000).toPrecision(3) + ' s';
const number = v => v == null ? '–' : Number(v).toLocaleString('en');
const field = (name, value, unit) => {
  const span = document.createElement('span'), strong = document.createElement('b');
  strong.textContent = value;
  span.append(name, strong, unit || '');
  return span;
};
const show = index => {
  bin = Math.max(0, Math.min(last, index));
  for (const plot of plots) {
    const cursor = plot.querySelector('.ch');
    cursor.style.display = 'block';
    cursor.style.left = Math.min(100, (bin + .5) * data.bin / data.length * 100) + '%';
  }
  line.replaceChildren(
    field('', clock(bin * data.bin)), field('', number(data.u[bin]), ' users'),
    field('p50 ', time(data.p50[bin])), field('p95 ', time(data.p95[bin])),
    field('', number(data.g[bin]), '/s good'), field('', number(data.e[bin]), '/s errors'),
    ...(data.c ? [field('thread ', data.c[bin] == null ? 'no reading' : data.c[bin] + ' %')] : []),
    ...(data.m ? [field('memory ', data.m[bin] == null ? 'no reading' : data.m[bin] + ' MB')] : []));
};
const clear = () => {
  bin = -1;
  for (const plot of plots) plot.querySelector('.ch').style.display = 'none';
  line.replaceChildren(...hint);
};
plots.forEach((plot, index) => {
  if (index === 1) {
    plot.tabIndex = 0;
    plot.setAttribute('role', 'group');
    plot.setAttribute('aria-label', 'Time charts: arrow keys move the reading line');
  }
  plot.addEventListener('pointermove', event => {
    const box = plot.getBoundingClientRect();
    show(Math.floor((event.clientX - box.left) / box.width * data.length / data.bin));
  });
  plot.addEventListener('pointerleave', clear);
  plot.addEventListener('keydown', event => {
    const jump = Math.max(1, Math.round(30 / data.bin));
    const move = {ArrowRight: 1, ArrowLeft: -1, PageDown: jump, PageUp: -jump}[event.key];
    if (move) {
      show(bin < 0 ? 0 : bin + move);
      event.preventDefault();
    } else if (event.key === 'Escape') {
      clear();
    } else if (event.key === 'Enter' && bin >= 0) {
      line.setAttribute('aria-live', 'polite');
      show(bin);
      line.setAttribute('aria-live', 'off');
    }
  });
});
})();
