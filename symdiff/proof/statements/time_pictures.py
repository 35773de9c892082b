def check_time_graph(graph, part): pass
