import { onnxCpu } from '@spark-rl/tensor-onnx';
import { blasPeer, engineSteps, flopsOf, stepProducts, torchSteps } from '/work/main/tools/bench/engines/proof-step.js';
const med=(a:number[])=>[...a].sort((x,y)=>x-y)[a.length>>1]!;
const n=+(process.argv[2]??12), th=+(process.argv[3]??1);
console.log('GFLOP', flopsOf(stepProducts())/1e9, stepProducts().length);
const engine = await onnxCpu({threads: th}).open();
const parts:any = { onnx: await engineSteps(engine), blas: await blasPeer(th), torch: await torchSteps(th) };
const out:any={};
for(let i=0;i<n;i++) for(const k of Object.keys(parts)) { if(!parts[k]) continue; const r=await parts[k].round(); (out[k]??=[]).push(r); }
for(const k in out){ console.log(k, 'wall', med(out[k].slice(2).map((r:any)=>r.wallMs)).toFixed(1),'min', Math.min(...out[k].slice(2).map((r:any)=>r.wallMs)).toFixed(1), 'cpu', med(out[k].slice(2).map((r:any)=>r.cpuMs)).toFixed(1), 'cpumin', Math.min(...out[k].slice(2).map((r:any)=>r.cpuMs)).toFixed(1), out[k].slice(0,5).map((r:any)=>r.loss?.toFixed(4)).join(' ')); parts[k].close(); }
await engine.dispose(); process.exit(0)
